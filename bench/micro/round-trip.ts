// A job through the pool and back, and how many of them the pool carries at once: pictures of 32x32, so that decoding costs next to nothing.
import { DecoderPool } from "../../src/index.js";
import { tiny } from "./clips.js";
import { measure } from "./measure.js";

const path = tiny.path();
const pool = new DecoderPool({ workers: 2 });
const decoder = await pool.openVideo(path);
const together = 32;
let next = 0;

async function one(): Promise<void> {
  const frame = await decoder.getFrameAt(next++ % tiny.frames);
  frame.release();
}

await measure("round-trip", [
  { name: "getFrameAt, one after the other", per: "frame", operations: 1, run: one },
  {
    name: `getFrameAt, ${together} at once`,
    per: "frame",
    operations: together,
    run: async () => {
      await Promise.all(Array.from({ length: together }, one));
    },
  },
  {
    name: "frames(), one by one",
    per: "frame",
    operations: tiny.frames,
    run: async () => {
      for await (const frame of decoder) frame.release();
    },
  },
  {
    name: "openVideo and close",
    per: "file",
    operations: 1,
    run: async () => {
      const opened = await pool.openVideo(path);
      await opened.close();
    },
  },
]);
await decoder.close();
await pool.close();
