import { isInstance } from "../errors.js";
import { nativeSpec } from "../protocol/output.js";
import { FrameSizeMismatch } from "../threads/job-error.js";
import { type Decoded, FrameRequest } from "./frame-request.js";
import type { OpenVideo } from "./opened-video.js";
import { checkFrameRate } from "./by-time.js";

/**
 * Frames of an opened video, by number, decoded by as many workers as the request can use, together with what others ask for at the
 * same time. `wanted` is in range.
 */
export async function decodeFrames(
  video: OpenVideo,
  wanted: Int32Array,
  signal: AbortSignal | undefined,
): Promise<Decoded> {
  const { requests, index, mappings, metadata, label, spec } = video;
  if (index === undefined && mappings === undefined) checkFrameRate(metadata, label);
  try {
    return await requests.run(new FrameRequest(video, wanted, spec), signal);
  } catch (error) {
    if (!isInstance(error, FrameSizeMismatch)) throw error;
    // Native frames have their own size, which may be another than the header's: once more with what they are.
    const { pixelFormat, width, height, layout } = error.actual;
    const actual = nativeSpec(pixelFormat, width, height, layout);
    return await requests.runAlone(new FrameRequest(video, wanted, actual), signal);
  }
}
