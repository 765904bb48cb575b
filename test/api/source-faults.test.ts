import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ByteSource, type ErrorCode, FramepoolError, workerSource } from "../../src/index.js";
import { strangers } from "../support/strangers.js";
import { plain, plainMkv, slow, slowMkv } from "./support/clips.js";
import { digest } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { shortSource, threadModule } from "./support/readable-sources.js";
import { collect } from "./support/sequences.js";
import { connected } from "./support/user-thread.js";

const own = new Error("boom");
const local = testPool({ workers: 2 });
const client = connected(local);
/** The object stays in this thread, and so does what it throws, wherever the workers are. */
const pools = { "on a pool": local, "on a connected pool": client, "over two connections": connected(client) };
const bytes = readFileSync(plain.streamable());
const long = readFileSync(slow.path());
const longMatroska = readFileSync(slowMkv());
/** Answers that come are waited for, beside whatever else is at work. */
const patient = { readTimeoutMs: 20_000 };
const impatient = { readTimeoutMs: 300 };

type Read = (position: number, length: number) => unknown;

/** A source that answers as told where a read reaches beyond a position. */
function faulty(data: Uint8Array, from: number, fault: Read): ByteSource {
  return {
    size: data.length,
    read: (position, length) =>
      (position + length > from ? fault(position, length) : data.subarray(position, position + length)) as Uint8Array,
  };
}

const rejecting = (reason: Error) => () => Promise.reject(reason);

const detached = (_: number, length: number): Uint8Array => {
  const array = new Uint8Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};

const faults: Readonly<Record<string, { fault: Read; code: ErrorCode; cause?: unknown }>> = {
  throws: {
    fault: () => {
      throw own;
    },
    code: "E_IO",
    cause: own,
  },
  rejects: { fault: () => Promise.reject(own), code: "E_IO", cause: own },
  "rejects with a text": {
    fault: rejecting("just text" as unknown as Error),
    code: "E_IO",
    cause: "just text",
  },
  "rejects with nothing": { fault: rejecting(undefined as unknown as Error), code: "E_IO" },
  "answers with too much": { fault: (_, length) => new Uint8Array(length + 1), code: "E_IO" },
  "answers with no bytes": { fault: () => new Uint8Array(0), code: "E_IO" },
  "answers with text": { fault: async () => "text", code: "E_IO" },
  "answers with nothing": { fault: () => undefined, code: "E_IO" },
  "answers with detached memory": { fault: detached, code: "E_IO" },
  ...Object.fromEntries(
    Object.entries(strangers).map(([name, make]) => {
      const cause = make();
      return [`rejects with ${name}`, { fault: rejecting(cause as Error), code: "E_IO" as const, cause }];
    }),
  ),
  "never answers": { fault: () => new Promise(() => undefined), code: "E_TIMEOUT" },
};

for (const [where, pool] of Object.entries(pools)) {
  describe(`a source that misbehaves ${where}`, () => {
    afterEach(async () => {
      const healthy = await pool.openVideo(shortSource(bytes, 5000));
      assert.equal((await healthy.getAllFrames()).length, plain.frames, "the next one is not hurt");
    });

    for (const [name, { fault, code, cause }] of Object.entries(faults)) {
      const options = code === "E_TIMEOUT" ? impatient : patient;
      it(`${name} when it is opened`, async () => {
        const error = await rejection(pool.openVideo(faulty(bytes, 0, fault), options), code);
        assert.equal(error.cause, cause);
        assert.equal(error.source, "a byte source");
      });

      it(`${name} while it is decoded, and works afterwards`, async () => {
        // The bytes of the first are fetched before a worker begins; the second's worker asks for them itself.
        for (const data of [long, longMatroska]) {
          let broken = false;
          const source = faulty(data, 0, (position, length) =>
            broken ? fault(position, length) : data.subarray(position, position + length),
          );
          const video = await pool.openVideo(source, { ...options, seekMode: "approximate" });
          broken = true;
          const error = await rejection(video.getFrameAt(-1), code);
          assert.equal(error.cause, cause);
          broken = false;
          assert.equal((await video.getFrameAt(2)).index, 2);
          await video.close();
        }
      });

      it(`${name} in bulk`, async () => {
        const source = faulty(bytes, 0, fault);
        const [bad, good] = await collect(
          pool.extract(
            [
              { source, count: 2 },
              { source: plain.path(), count: 2 },
            ],
            { ...options, ordered: true },
          ),
        );
        assert.equal((bad!.error as FramepoolError).code, code);
        assert.equal((bad!.error as FramepoolError).cause, cause);
        assert.equal(good!.batch!.length, 2);
      });
    }

    it("says another size than it has", async () => {
      const read = (position: number, length: number): Uint8Array => bytes.subarray(position, position + length);
      const size = bytes.length >> 1;
      const half = await pool.openVideo({ size, read }, patient);
      const cut = await pool.openVideo(bytes.subarray(0, size));
      assert.ok(half.length < plain.frames && half.length === cut.length, "it is a file that was cut there");
      assert.equal(digest(await half.getFrameAt(-1)), digest(await cut.getFrameAt(-1)));
      const longer = await pool
        .openVideo({ size: bytes.length + 1000, read }, patient)
        .catch((error: unknown) => error);
      if (longer instanceof FramepoolError) assert.equal(longer.code, "E_IO");
      else assert.equal((longer as { length: number }).length, plain.frames);
    });

    it("becomes another one", async () => {
      const source = {
        size: long.length,
        key: "changing",
        etag: "1",
        read: (position: number, length: number) => long.subarray(position, position + length),
      };
      const video = await pool.openVideo(source, patient);
      source.etag = "2";
      await rejection(video.getFrameAt(-1), "E_SOURCE_CHANGED");
      assert.equal((await pool.openVideo(source, patient)).length, slow.frames, "a new opening is of what it is now");
    });
  });
}

describe("a source in a thread of its own", () => {
  const pool = local;
  const path = plainMkv();

  it("comes back with a copy of its error", async () => {
    const source = workerSource(threadModule, { path, failsFrom: 100 });
    const error = await rejection(pool.openVideo(source, patient), "E_IO");
    assert.match(error.message, /the source failed: torn$/);
    const cause = error.cause as Error & { code: string };
    assert.deepEqual([cause.name, cause.message, cause.code], ["RangeError", "torn", "TORN"]);
  });

  it("is closed with its last decoder, when it cannot be opened, and with the pool", async () => {
    const closed = new Int32Array(new SharedArrayBuffer(4));
    const until = async (count: number): Promise<void> => {
      while (Atomics.load(closed, 0) < count) await sleep(1);
      assert.equal(Atomics.load(closed, 0), count);
    };
    const source = workerSource(threadModule, { path, closed });
    const video = await pool.openVideo(source);
    assert.equal((await video.getFrameAt(3)).index, 3);
    assert.equal(Atomics.load(closed, 0), 0);
    await video.close();
    await until(1);
    await rejection(pool.openVideo(workerSource(threadModule, { path, closed, failsFrom: 0 })), "E_IO");
    await until(2);
    const closing = testPool({ workers: 1 });
    await closing.openVideo(source);
    await closing.close();
    await until(3);
  });

  it("cannot be made", async () => {
    const refused = await rejection(pool.openVideo(workerSource(threadModule, { path, refuses: "no" })), "E_IO");
    assert.equal((refused.cause as Error).message, "no");
    const missing = workerSource(new URL("./nowhere.js", import.meta.url));
    assert.match((await rejection(pool.openVideo(missing), "E_IO")).message, /Cannot find module/);
    for (const url of [5, "relative.js", undefined]) {
      assert.throws(() => workerSource(url as string), { code: "E_ARGUMENT" });
    }
  });

  it("dies with its thread; others, and a new one, work", async () => {
    const source = workerSource(threadModule, { path, diesFrom: 100 });
    await rejection(pool.openVideo(source), "E_WORKER_LOST");
    const again = await pool.openVideo(workerSource(threadModule, { path }));
    assert.equal((await again.getAllFrames()).length, plain.frames);
  });
});
