import type { Frame } from "../video/frame.js";
import { type Channels, imageOf } from "./images.js";

/** The function that the package sharp exports. */
export type SharpFunction<S> = (
  input: Uint8Array,
  options: { raw: { width: number; height: number; channels: Channels } },
) => S;

/** A sharp image of a frame (uint8, NHWC): without a copy, so release the frame after sharp has written its output. */
export function toSharp<S>(sharp: SharpFunction<S>, frame: Frame): S {
  const { data, ...raw } = imageOf(frame);
  return sharp(data, { raw });
}
