import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import type { LogMessage } from "../../src/index.js";
import { intra, plain } from "./support/clips.js";
import { withBitErrors, withDeadPackets } from "./support/damage.js";
import { rejection, testPool } from "./support/pool.js";
import { reportsOf } from "./support/script.js";
import { range } from "./support/sequences.js";

const broken = withDeadPackets(intra.path(), [3, 4]);

describe("what FFmpeg says", () => {
  it("goes with the error, the last lines of it", async () => {
    const pool = testPool({ workers: 1 });
    const video = await pool.openVideo(broken);
    const first = await rejection(video.getFrameAt(3), "E_DECODE");
    assert.ok(first.log.length > 0);
    assert.ok(first.log.every((line) => line !== "" && !line.includes("\n")));
    assert.ok(first.log.some((line) => /^\[mjpeg @ 0x[0-9a-f]+\] No JPEG data found/.test(line)));
    const nothing = await pool.openVideo(withDeadPackets(intra.path(), range(0, 20)));
    const many = await rejection(nothing.getAllFrames(), "E_DECODE");
    assert.ok(many.log.length <= 8, "a few lines, however much was said");
    const other = await rejection(video.getFrameAt(1000), "E_OUT_OF_RANGE");
    assert.deepEqual(other.log, []);
  });

  it("is all published to the channel framepool:log while somebody listens", async () => {
    const pool = testPool({ workers: 1 });
    const messages: LogMessage[] = [];
    const listener = (message: unknown): number => messages.push(message as LogMessage);
    subscribe("framepool:log", listener);
    const video = await pool.openVideo(broken, { onError: "skip" });
    await video.getAllFrames();
    unsubscribe("framepool:log", listener);
    const lines = messages.flatMap((message) => message.lines);
    assert.ok(messages.every(({ source }) => source === broken));
    assert.equal(lines.filter((line) => /^error: .*No JPEG data found/.test(line)).length >= 2, true, lines.join("\n"));
    const before = messages.length;
    await video.getAllFrames();
    assert.equal(messages.length, before, "nobody listens any more");
  });

  it("is nothing for a good file", async () => {
    const pool = testPool({ workers: 1 });
    const lines: string[] = [];
    const listener = (message: unknown): number => lines.push(...(message as LogMessage).lines);
    subscribe("framepool:log", listener);
    await (await pool.openVideo(plain.path())).getAllFrames();
    unsubscribe("framepool:log", listener);
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("info: ")),
      [],
    );
  });

  it("never reaches standard error or standard output", async () => {
    const files = [
      broken,
      withBitErrors(plain.path(), [0, 3, 9, 20]),
      withDeadPackets(plain.path(), [0, 12, 13, 30]),
      "/dev/null",
      import.meta.filename,
    ];
    const reports = await reportsOf(
      `
      const pool = new DecoderPool({ workers: 2 });
      for (const path of args) {
        for (const threadsPerWorker of [1, 3]) {
          const video = await pool.openVideo(path, { onError: "skip", threadsPerWorker }).catch(() => undefined);
          await video?.getAllFrames();
          for await (const { batch } of pool.extract([{ source: path, count: 5 }])) batch?.release();
        }
      }
      await pool.close();
      report("done");`,
      files,
    );
    assert.deepEqual(reports, ["done"]);
  });
});
