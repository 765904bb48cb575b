import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { ByteSource } from "../../src/index.js";
import { testPool } from "./support/pool.js";
import { assertSlices, sounds } from "./support/sound.js";

const pool = testPool();
const rate = 16_000;
/** Long enough that its end is far from its start. */
const seconds = 60;
const aac = (): string => sounds("minute.m4a", ["-c:a", "aac", "-b:a", "64k"], { seconds, channels: 1, rate });
const ac3 = (): string => sounds("minute-ac3.mp4", ["-c:a", "ac3"], { seconds, channels: 1, rate: 48_000 });

/** Root mean square of what two lists differ by, the second one read so many samples later. */
function difference(a: Float32Array, b: Float32Array, later = 0): number {
  const first = Math.abs(later);
  const count = a.length - 2 * first;
  let sum = 0;
  for (let i = first; i < first + count; i++) sum += (a[i]! - b[i + later]!) ** 2;
  return Math.sqrt(sum / count);
}

/** Counts the bytes that are read. */
function counting(path: string): { readonly source: ByteSource; bytes: number } {
  const content = readFileSync(path);
  const counted = {
    bytes: 0,
    source: {
      size: content.length,
      read: (position: number, length: number): Uint8Array => {
        counted.bytes += length;
        return content.subarray(position, position + length);
      },
    },
  };
  return counted;
}

describe("approximate ranges of sound", () => {
  // AC-3's decoder fills what was not worth a bit with noise: other noise than on the way from the start.
  for (const [name, path, part] of [
    ["AAC", aac, 1e-3],
    ["AC-3", ac3, 0.2],
  ] as const) {
    it(`${name}: nearly those of the whole, at the same places`, async () => {
      const exact = await pool.openAudio(path());
      const approximate = await pool.openAudio(path(), { seekMode: "approximate" });
      for (const start of [50, 7.3, 31.123]) {
        const [right, near] = await Promise.all([
          exact.getSamplesPlayedInRange(start, start + 0.5),
          approximate.getSamplesPlayedInRange(start, start + 0.5),
        ]);
        assert.deepEqual([near.shape, near.ptsSeconds], [right.shape, right.ptsSeconds]);
        const off = difference(right.data, near.data);
        const level = difference(right.data, new Float32Array(right.data.length));
        assert.ok(off < part * level, `${String(off)} of ${String(level)} at ${String(start)} s`);
        for (const later of [-1, 1]) assert.ok(difference(right.data, near.data, later) > off);
      }
    });
  }

  it("reads only around the range", async () => {
    const read = async (seekMode: "exact" | "approximate"): Promise<number> => {
      const counted = counting(aac());
      const audio = await pool.openAudio(counted.source, { seekMode });
      const opened = counted.bytes;
      await audio.getSamplesPlayedInRange(50, 50.5);
      await audio.close();
      return counted.bytes - opened;
    };
    const [exact, approximate] = [await read("exact"), await read("approximate")];
    assert.ok(approximate < exact, `${String(approximate)} of ${String(exact)} bytes`);
  });

  it("changes nothing where every packet stands for itself", async () => {
    const flac = sounds("minute.flac", ["-c:a", "flac"], { seconds: 5, channels: 1, rate });
    const audio = await pool.openAudio(flac, { seekMode: "approximate" });
    await assertSlices(audio, "flac");
  });
});
