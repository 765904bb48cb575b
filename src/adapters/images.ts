import { checkObject } from "../arguments.js";
import { argumentError } from "../errors.js";
import type { Frame } from "../video/frame.js";

export type Channels = 1 | 3 | 4;

/** The bytes of a frame as image libraries take them: rows of pixels of 1, 3 or 4 bytes. Throws FramepoolTypeError for others. */
export function imageOf(frame: Frame): {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
} {
  checkObject("frame", frame, "a frame", ["data", "shape", "pixelFormat"]);
  const { data, shape, width, height } = frame;
  const channels = ([1, 3, 4] as const).find((count) => String(shape) === String([height, width, count]));
  if (!(data instanceof Uint8Array) || channels === undefined) {
    const received = `${frame.dtype} ${frame.pixelFormat} of shape [${shape.join(", ")}]`;
    throw argumentError("frame", "a uint8 frame of rgb24, rgba or gray8 in NHWC order", received);
  }
  return { data, width, height, channels };
}
