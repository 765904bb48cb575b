import { performance } from "node:perf_hooks";
import { type MediaSource, VideoDecoder, type VideoDecoderOptions } from "../../../src/index.js";

/** Opens a source, decodes its first frame, and says how long both took together. */
export async function showFirstFrame(
  title: string,
  source: MediaSource,
  options: VideoDecoderOptions = {},
): Promise<void> {
  const began = performance.now();
  const video = await VideoDecoder.open(source, options);
  const frame = await video.getFrameAt(0);
  const took = performance.now() - began;
  console.log(`${title}: ${String(frame.width)}x${String(frame.height)} after ${took.toFixed(0)} ms`);
  await video.close();
}
