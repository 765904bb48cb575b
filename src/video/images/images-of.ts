import { checkSignal, knownKeys } from "../../arguments.js";
import { argumentError, withCaller } from "../../errors.js";
import type { Encoding } from "../../protocol/image.js";
import type { Selected } from "../../protocol/selection.js";
import type { VideoHost } from "../host.js";
import {
  type EncodeOptions,
  type EncodedImage,
  type ImageFile,
  type SkippedFrame,
  encodingOf,
  folderOf,
  sortedOut,
} from "./encoded-image.js";

/** How `getImages` encodes, and what ends it. */
export interface ImagesOptions {
  /** The format, and its quality. */
  readonly encode: EncodeOptions;
  /**
   * Have the workers write the pictures into this folder, which is made when it is not there: whole or not at all, each named by its frame
   * (`000012.jpg`), replacing a file of that name. They come as `ImageFile` then.
   */
  readonly folder?: string;
  /** Told of each frame that cannot be decoded and is left out, where the video was opened with `onError: "skip"`. */
  readonly onSkip?: ((frame: SkippedFrame) => void) | undefined;
  /** The loop rejects with its reason when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

interface ImagesSettings extends Pick<ImagesOptions, "onSkip" | "signal"> {
  readonly encoding: Encoding;
}

/** @internal Throws FramepoolTypeError. */
export function imagesSettings(options: ImagesOptions): ImagesSettings {
  knownKeys("options", options, ["encode", "folder", "onSkip", "signal"]);
  const { onSkip, signal } = options;
  if (onSkip !== undefined && typeof onSkip !== "function") throw argumentError("options.onSkip", "a function", onSkip);
  checkSignal(signal);
  const encoding = {
    ...encodingOf("options.encode", options.encode),
    folder: folderOf("options.folder", options.folder),
  };
  return { encoding, onSkip, signal };
}

/** @internal See VideoDecoder.getImages. `checkOpen` throws where the video is closed by the time the loop begins. */
export async function* imagesOf(
  video: VideoHost,
  { indices, targetSeconds }: Selected,
  { encoding, onSkip, signal }: ImagesSettings,
  checkOpen: () => void,
): AsyncGenerator<EncodedImage | ImageFile, void, undefined> {
  checkOpen();
  signal?.throwIfAborted();
  let row = 0;
  try {
    for await (const piece of video.images(indices, encoding, signal)) {
      const begin = row;
      row += piece.rows.indices.length;
      const rows = { ...piece.rows, targetSeconds: targetSeconds?.subarray(begin, row) };
      const { images, files, skipped } = sortedOut({ ...piece, rows }, encoding);
      for (const frame of skipped) onSkip?.(frame);
      // One of them is empty. Not `yield*`, which would have a promise more for each.
      for (const image of images) yield image;
      for (const file of files) yield file;
    }
  } catch (error) {
    throw withCaller(error);
  }
}
