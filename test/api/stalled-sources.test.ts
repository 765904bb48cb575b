import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteSource, FramepoolError } from "../../src/index.js";
import { plain, plainMkv, slow, slowMkv } from "./support/clips.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { asyncSource } from "./support/readable-sources.js";
import { connected } from "./support/user-thread.js";

const local = testPool({ workers: 2 });
const client = connected(local);
const pools = { "on a pool": local, "on a connected pool": client, "over two connections": connected(client) };
const bytes = readFileSync(plain.streamable());
const matroska = readFileSync(plainMkv());
const long = readFileSync(slow.path());
const longMatroska = readFileSync(slowMkv());

/** Answers until it is told to stop; then its reads end only with their signal. */
function stalling(data: Uint8Array): ByteSource & { stalled: boolean; waiting: AbortSignal[] } {
  return {
    size: data.length,
    stalled: false,
    waiting: [],
    read(position, length, { signal }) {
      if (!this.stalled) return data.subarray(position, position + length);
      this.waiting.push(signal);
      return new Promise(() => undefined);
    },
  };
}

async function untilAsked(source: { waiting: AbortSignal[] }): Promise<void> {
  while (source.waiting.length === 0) await sleep(1);
}

for (const [where, pool] of Object.entries(pools)) {
  describe(`waiting for a source ${where}`, () => {
    it("ends with the signal, which reaches the source; the decoder works afterwards", async () => {
      for (const data of [bytes, matroska]) {
        const source = stalling(data);
        source.stalled = true;
        const controller = new AbortController();
        const opening = pool.openVideo(source, { signal: controller.signal });
        opening.catch(() => undefined);
        await untilAsked(source);
        const reason = new Error("enough");
        controller.abort(reason);
        await rejectsWith(opening, reason);
        while (!source.waiting.every(({ aborted }) => aborted)) await sleep(1);
      }
      const source = stalling(long);
      const video = await pool.openVideo(source);
      const controller = new AbortController();
      source.stalled = true;
      const pending = video.getFrameAt(-1, { signal: controller.signal });
      pending.catch(() => undefined);
      await untilAsked(source);
      const reason = new Error("no more");
      controller.abort(reason);
      await rejectsWith(pending, reason);
      source.stalled = false;
      assert.equal((await video.getFrameAt(-1)).index, slow.frames - 1);
    });

    it("as many stalled sources as workers, in the middle of their jobs, do not keep another file waiting", async () => {
      const stuck = await Promise.all(
        [1, 2].map(async () => {
          const source = stalling(longMatroska);
          const video = await pool.openVideo(source, { seekMode: "approximate" });
          source.stalled = true;
          const outcome = video.getFrameAt(-1).catch((error: unknown) => error);
          await untilAsked(source);
          return { video, outcome };
        }),
      );
      let settled = 0;
      for (const { outcome } of stuck) void outcome.then(() => settled++);
      const local = await pool.openVideo(plain.path());
      assert.equal((await local.getFramesAt([0, 49])).length, 2);
      assert.equal(settled, 0, "they still wait");
      await Promise.all(stuck.map(({ video }) => video.close()));
      for (const { outcome } of stuck) assert.equal(((await outcome) as FramepoolError).code, "E_CLOSED");
    });

    it("leaves the others their share of what is fetched ahead, however much is asked of a source that stalls", async () => {
      const stuck = await Promise.all(
        [1, 2].map(async () => {
          const source = stalling(long);
          const video = await pool.openVideo(source);
          source.stalled = true;
          return { video, frames: [1, 2, 3, 4].map((i) => video.getFrameAt(-i)) };
        }),
      );
      let settled = 0;
      const outcomes = stuck.flatMap(({ frames }) => frames).map((frame) => frame.catch(() => settled++));
      const good = await pool.openVideo(asyncSource(bytes));
      assert.equal((await good.getFramesAt([0, 49])).length, 2);
      assert.equal(settled, 0, "they still wait");
      await Promise.all(stuck.map(({ video }) => video.close()));
      await Promise.all(outcomes);
    });

    it("takes no worker while an extraction's pictures come: however many sources stall, other files do not wait", async () => {
      const stuck = Array.from({ length: 6 }, () => {
        const opens = (position: number): boolean => position < 2 ** 20 || position > long.length - 2 ** 20;
        return {
          size: long.length,
          read: (position: number, length: number) =>
            opens(position) ? long.subarray(position, position + length) : new Promise<never>(() => undefined),
        };
      });
      const requests = [
        ...stuck.map((source) => ({ source, indices: [200] })),
        { source: asyncSource(bytes), indices: [40] },
      ];
      const results = pool.extract(requests, { maxInFlight: requests.length });
      const { value } = await results.next();
      assert.ok(value);
      assert.deepEqual([value.key, value.error, value.batch?.indices], [6, undefined, Int32Array.of(40)]);
      await results.return();
    });

    it("ends when the pool is closed", async () => {
      const closing = testPool({ workers: 2 });
      const far = where === "on a pool" ? closing : connected(closing);
      const sources = [stalling(bytes), stalling(matroska), stalling(bytes)];
      const openings = sources.map((source) => {
        source.stalled = true;
        return far.openVideo(source);
      });
      openings.forEach((opening) => void opening.catch(() => undefined));
      await Promise.all(sources.map(untilAsked));
      await closing.close();
      for (const opening of openings) await rejection(opening, "E_CLOSED");
    });
  });
}
