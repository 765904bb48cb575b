// From the decoder's pixels into the batch, through the public API: what each layout, type and pixel format costs a frame of 1080p.
import { DecoderPool, type VideoDecoder, type VideoDecoderOptions } from "../../src/index.js";
import { uncompressed } from "./clips.js";
import { type Measured, measure } from "./measure.js";

/** The first is what nearly all videos are. */
const sources = ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "yuv420p10le"];

const layouts: readonly VideoDecoderOptions[] = [
  { pixelFormat: "native" },
  {},
  { dimensionOrder: "NCHW" },
  { dtype: "float32" },
  { dtype: "float32", dimensionOrder: "NCHW" },
  { pixelFormat: "rgba" },
  { pixelFormat: "gray8" },
];

const pool = new DecoderPool({ workers: 1 });
const opened: VideoDecoder[] = [];

async function kernel(source: string, options: VideoDecoderOptions): Promise<Measured> {
  const decoder = await pool.openVideo(uncompressed.path(source), { threadsPerWorker: 1, ...options });
  opened.push(decoder);
  const { pixelFormat = "rgb24", dimensionOrder = "NHWC", dtype = "uint8" } = options;
  return {
    name: `${source} to ${pixelFormat === "native" ? "native" : `${pixelFormat} ${dimensionOrder} ${dtype}`}`,
    per: "frame",
    operations: uncompressed.frames,
    run: async () => {
      const batch = await decoder.getAllFrames();
      batch.release();
    },
  };
}

const [usual = "", ...others] = sources;
const all = [
  ...layouts.map((options) => kernel(usual, options)),
  ...others.flatMap((source) => [kernel(source, {}), kernel(source, { dtype: "float32", dimensionOrder: "NCHW" })]),
];
await measure("kernels", await Promise.all(all));
for (const decoder of opened) await decoder.close();
await pool.close();
