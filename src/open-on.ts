import type { DecoderPool } from "./decoder-pool.js";
import { argumentError, propertyOf } from "./errors.js";
import type { MediaSource } from "./sources/media-source.js";
import type { VideoDecoderOptions } from "./video/options.js";
import { VideoDecoder } from "./video-decoder.js";

/** What functions over a whole video take of a decoder's options, and the pool that does the work. */
export interface OverVideoOptions extends Pick<VideoDecoderOptions, "streamIndex" | "codecs" | "signal"> {
  /** Default: the shared one, of as many workers as there are cores. */
  readonly pool?: DecoderPool | undefined;
}

/** @internal Opens a video on the pool, or on the shared one. */
export async function openOn(
  pool: DecoderPool | undefined,
  source: MediaSource,
  options: VideoDecoderOptions<"uint8">,
): Promise<VideoDecoder<"uint8">> {
  return await (pool === undefined ? VideoDecoder.open(source, options) : pool.openVideo(source, options));
}

/** @internal Throws FramepoolTypeError for what is no pool. */
export function checkPool(pool: DecoderPool | undefined): void {
  if (pool !== undefined && typeof propertyOf(pool, "openVideo") !== "function")
    throw argumentError("options.pool", "a DecoderPool", pool);
}
