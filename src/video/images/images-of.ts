import { checkSignal, knownKeys } from "../../arguments.js";
import { argumentError, withCaller } from "../../errors.js";
import type { Encoding } from "../../protocol/image.js";
import type { Selected } from "../../protocol/selection.js";
import type { VideoHost } from "../host.js";
import { type EncodeOptions, type EncodedImage, type SkippedFrame, encodingOf, sortedOut } from "./encoded-image.js";

/** How `getImages` encodes, and what ends it. */
export interface ImagesOptions {
  /** The format, and its quality. */
  readonly encode: EncodeOptions;
  /** Told of each frame that cannot be decoded and is left out, where the video was opened with `onError: "skip"`. */
  readonly onSkip?: ((frame: SkippedFrame) => void) | undefined;
  /** The loop rejects with its reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export interface ImagesSettings extends Pick<ImagesOptions, "onSkip" | "signal"> {
  readonly encoding: Encoding;
}

/** @internal Throws FramepoolTypeError. */
export function imagesSettings(options: ImagesOptions): ImagesSettings {
  knownKeys("options", options, ["encode", "onSkip", "signal"]);
  const { onSkip, signal } = options;
  if (onSkip !== undefined && typeof onSkip !== "function") throw argumentError("options.onSkip", "a function", onSkip);
  checkSignal(signal);
  return { encoding: encodingOf("options.encode", options.encode), onSkip, signal };
}

/** @internal See VideoDecoder.getImages. `checkOpen` throws where the video is closed by the time the loop begins. */
export async function* imagesOf(
  video: VideoHost,
  { indices, targetSeconds }: Selected,
  { encoding, onSkip, signal }: ImagesSettings,
  checkOpen: () => void,
): AsyncGenerator<EncodedImage, void, undefined> {
  checkOpen();
  signal?.throwIfAborted();
  let row = 0;
  try {
    for await (const piece of video.images(indices, encoding, signal)) {
      const begin = row;
      row += piece.rows.indices.length;
      const rows = { ...piece.rows, targetSeconds: targetSeconds?.subarray(begin, row) };
      const { images, skipped } = sortedOut({ ...piece, rows }, encoding.format);
      for (const frame of skipped) onSkip?.(frame);
      for (const image of images) yield image;
    }
  } catch (error) {
    throw withCaller(error);
  }
}
