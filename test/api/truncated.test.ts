import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { describe, it } from "node:test";
import { FramepoolError, type MediaSource } from "../../src/index.js";
import { hangMs } from "../support/hang.js";
import { intra, lossless, manyStreams, plain, plainMkv, raw, twoSizes } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { asyncSource } from "./support/readable-sources.js";
import { shuffled } from "./support/sequences.js";

const folder = temporaryFolder();
const pool = testPool();
const guard = { timeout: hangMs };

const codes = new Set([
  "E_UNSUPPORTED_FORMAT",
  "E_UNSUPPORTED_CODEC",
  "E_INVALID_DATA",
  "E_NO_STREAM",
  "E_DECODE",
  "E_IO",
  "E_LIMIT",
]);

/** What a user does with an upload: reads all that can be read. Every frame comes or fails with a code. */
async function readAll(source: MediaSource): Promise<Map<number, string> | undefined> {
  const frames = new Map<number, string>();
  try {
    const video = await pool.openVideo(source, { onError: "skip" });
    try {
      assert.ok(video.length > 0);
      for await (const frame of video.frames({ stop: 200 })) frames.set(frame.index, digest(frame));
      return frames;
    } finally {
      await video.close();
    }
  } catch (error) {
    assert.ok(error instanceof FramepoolError, String(error));
    assert.ok(codes.has(error.code), `${error.code}: ${error.message}`);
    return undefined;
  }
}

const sources = [
  plain.path(),
  plain.streamable(),
  plainMkv(),
  raw.path(),
  manyStreams(),
  twoSizes.mpeg2(),
  intra.path(),
];

describe("files that end too early", () => {
  for (const source of [...sources, lossless("yuv420p", "64x48", 12)]) {
    it(`${basename(source)}, cut anywhere: its frames or an error with a code`, guard, async () => {
      const bytes = readFileSync(source);
      const whole = (await readAll(source))!;
      for (const part of [0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999]) {
        const path = join(folder, `cut-${part}${extname(source)}`);
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        writeFileSync(path, cut);
        const frames = (await readAll(path)) ?? new Map<number, string>();
        assert.deepEqual(
          (await readAll(asyncSource(cut))) ?? new Map<number, string>(),
          frames,
          `from an object, at ${part}`,
        );
        assert.ok(frames.size <= whole.size);
        // The frame in which the file ends may be decoded in part, and what depends on it.
        const different = [...frames].filter(([index, pixels]) => whole.get(index) !== pixels);
        assert.ok(different.length <= 3, `${different.length} of ${frames.size} frames at ${part} are others`);
      }
    });
  }

  it("what is there of a cut file is all given", guard, async () => {
    for (const source of [plain.streamable(), plainMkv(), twoSizes.mpeg2()]) {
      const bytes = readFileSync(source);
      const path = join(folder, `half${extname(source)}`);
      writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * 0.6)));
      const frames = await readAll(path);
      const whole = await readAll(source);
      assert.ok(frames !== undefined && frames.size > whole!.size * 0.4, `${frames?.size} of ${whole?.size}`);
    }
  });
});

describe("files with errors anywhere", () => {
  for (const source of sources) {
    it(`${basename(source)}: frames or errors with codes, and the pool goes on`, guard, async () => {
      const bytes = readFileSync(source);
      const places = shuffled([...bytes.keys()], 5);
      for (let round = 0; round < 12; round++) {
        const copy = Buffer.from(bytes);
        // The first rounds hit the headers, the others anything.
        const hits =
          round < 6
            ? places.filter((place) => place < 2000).slice(round * 8, round * 8 + 8)
            : places.slice(round * 40, round * 40 + 40);
        for (const place of hits) copy[place] = (copy[place] ?? 0) ^ (1 << (place % 8));
        const path = join(folder, `errors-${round}${extname(source)}`);
        writeFileSync(path, copy);
        assert.deepEqual(await readAll(asyncSource(copy)), await readAll(path), `from an object, in round ${round}`);
      }
      const video = await pool.openVideo(plain.path());
      assert.equal((await video.getAllFrames()).length, plain.frames);
      await video.close();
    });
  }
});
