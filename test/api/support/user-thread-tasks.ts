import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { type DecoderPool, type FrameBatch, transforms } from "../../../src/index.js";
import { ClipLoader } from "../../../src/loader/index.js";
import { everyAnswer } from "./answers.js";
import { seen } from "./loader.js";
import { digest } from "./pixels.js";
import { asyncSource } from "./readable-sources.js";

const clips = { type: "randomIndices", numClips: 2, numFramesPerClip: 3, seed: 2 } as const;

const resized = transforms.resize([32, 32]);

/** Runs in a thread of the user's, on a connected pool; `say` is for what is told before the end. */
type Task = (pool: DecoderPool, path: string, say: (said: unknown) => void) => Promise<unknown>;

export const tasks = {
  "every answer": async (pool, path) => await everyAnswer(await pool.openVideo(path)),

  "go through it": async (pool, path) => {
    const frames: string[] = [];
    for await (const frame of await pool.openVideo(path)) {
      frames.push(`${String(frame.index)} ${digest(frame)}`);
      frame.release();
    }
    return frames;
  },

  "go through a data set": async (pool, path) =>
    await seen(new ClipLoader({ pool, items: [path, path], sampler: clips })),

  /** Begins a pass over a data set, says so, and never ends by itself. */
  "be in the middle of a data set": async (pool, path, say) => {
    const loader = new ClipLoader({ pool, items: [path, path, path, path], sampler: clips, transforms: [resized] });
    void loader[Symbol.asyncIterator]().next();
    while (loader.stats.prefetchedBytes === 0) await turn();
    say("in the middle");
    await new Promise(() => setInterval(() => loader.stats, 1000));
  },

  "every answer from a source of its own": async (pool, path) =>
    await everyAnswer(await pool.openVideo(asyncSource(readFileSync(path)))),

  /** Opens from a source of its own that does not answer any more when a frame is asked for, says so, and never ends. */
  "keep the pool waiting": async (pool, path, say) => {
    const bytes = readFileSync(path);
    let answers = true;
    const source = {
      size: bytes.length,
      read: async (position: number, length: number) => {
        if (answers) return bytes.subarray(position, position + length);
        say("asked");
        return await new Promise<never>(() => undefined);
      },
    };
    const video = await pool.openVideo(source, { seekMode: "approximate" });
    answers = false;
    await video.getFrameAt(-1);
  },

  /** Opens, begins what takes long in every way, says so, and never ends by itself. */
  "be in the middle": async (pool, path, say) => {
    const video = await pool.openVideo(path);
    const loop = video.frames();
    await loop.next();
    void video.getFrameAt(-1);
    void video.getFramesAt([-1, 300]);
    void pool.openVideo(path);
    void pool.extract([{ source: path, indices: [-1] }]).next();
    say("in the middle");
    await new Promise(() => setInterval(() => undefined, 1000));
  },

  /** Holds a batch, tells where it lies, and never ends by itself. */
  "hold a batch": async (pool, path, say) => {
    const video = await pool.openVideo(path);
    const held: FrameBatch[] = [await video.getAllFrames()];
    say(held[0]?.data);
    await new Promise(() => setInterval(() => held.length, 1000));
  },

  /** Tells where a batch lies, and gives it back. */
  "release a batch": async (pool, path, say) => {
    const video = await pool.openVideo(path);
    const batch = await video.getAllFrames();
    say(batch.data);
    batch.release();
    await video.close();
    return "released";
  },

  /** Tells where a batch lies, and forgets it. */
  "forget a batch": async (pool, path, say) => {
    const video = await pool.openVideo(path);
    await new Promise<void>((resolve) => {
      const registry = new FinalizationRegistry<undefined>(() => {
        clearInterval(collecting);
        resolve();
      });
      const collecting = setInterval(() => globalThis.gc?.(), 5);
      void video.getAllFrames().then(({ data }) => {
        registry.register(data.buffer, undefined);
        say(data);
      });
    });
    // An answer comes behind what was said of the memory before.
    await video.getFrameAt(0);
    say("collected");
  },

  /** Leaves everything open and has nothing more to do. */
  "end by itself": async (pool, path) => {
    const video = await pool.openVideo(path);
    const loop = video.frames();
    await loop.next();
    return (await video.getFramesAt([0, 1])).length;
  },
} satisfies Record<string, Task>;
export type ThreadTask = keyof typeof tasks;
