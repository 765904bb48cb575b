import { FrameBatch } from "../frame.js";
import { type FrameSelection, checkSelection } from "../frame-selection.js";
import { type EncodedImage, type ImageFile, type SkippedFrame, folderOf } from "../images/encoded-image.js";
import type { VideoStreamMetadata } from "../metadata.js";
import { type FramepoolError, argumentError } from "../../errors.js";
import type { DType } from "../../protocol/output.js";
import type { Selection } from "../../protocol/selection.js";
import { type MediaSource, checkSource } from "../../sources/media-source.js";

/** Which frames of which source. */
export type ExtractRequest<K = unknown> = {
  /** The file, opened for this request alone. */
  readonly source: MediaSource;
  /** Comes back with the result. Default: the request's position, from 0. */
  readonly key?: K | undefined;
  /** With `encode`: the workers write this request's pictures into the folder, as with `getImages`. */
  readonly folder?: string | undefined;
} & FrameSelection;

/** One whose pictures its workers write. */
export type ExtractFilesRequest<K = unknown> = ExtractRequest<K> & {
  /** Where they are written; made when it is not there. */
  readonly folder: string;
};

/** A batch that also says what it is from. */
export class ExtractedBatch<D extends DType = DType> extends FrameBatch<D> {
  /** Of the stream that its frames are of. */
  readonly metadata: VideoStreamMetadata;

  /** @internal */
  constructor(metadata: VideoStreamMetadata, ...batch: ConstructorParameters<typeof FrameBatch<D>>) {
    super(...batch);
    this.metadata = metadata;
  }
}

/** What became of one request. */
export type ExtractResult<K = unknown, D extends DType = DType> =
  | {
      /** The request's. */
      readonly key: K;
      /** Its frames, in the selection's order. */
      readonly batch: ExtractedBatch<D>;
      /** None: it went well. */
      readonly error?: undefined;
    }
  | {
      /** The request's. */
      readonly key: K;
      /** None: it failed. */
      readonly batch?: undefined;
      /** Why this request failed; the others go on. */
      readonly error: FramepoolError;
    };

/** The same where the pictures are encoded: in the selection's order, without those that could not be decoded. */
export type ExtractImagesResult<K = unknown, I extends EncodedImage | ImageFile = EncodedImage> =
  | {
      /** The request's. */
      readonly key: K;
      /** In the selection's order. */
      readonly images: readonly I[];
      /** Of the stream that they are of. */
      readonly metadata: VideoStreamMetadata;
      /** With `onError: "skip"`: what could not be decoded. */
      readonly skipped: readonly SkippedFrame[];
      /** None: it went well. */
      readonly error?: undefined;
    }
  | {
      /** The request's. */
      readonly key: K;
      /** None: it failed. */
      readonly images?: undefined;
      /** Why this request failed; the others go on. */
      readonly error: FramepoolError;
    };

/** The same of requests with a `folder`. */
export type ExtractFilesResult<K = unknown> = ExtractImagesResult<K, ImageFile>;

type Requests<K> = Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>;

/** A request that makes sense. Its source may still be a text that is no path and no address. */
export interface KnownRequest<K> {
  readonly key: K;
  readonly source: MediaSource;
  readonly selection: Selection;
  readonly folder: string | undefined;
}

/** A request that may not have been looked at yet; doing so throws FramepoolTypeError, and what the request itself throws. */
export type Look<K> = () => KnownRequest<K>;

/**
 * The requests, each to be looked at when its turn comes; those of a list are at once, so that a mistake in the last one is told
 * before the first is decoded.
 */
export function lookAt<K>(requests: Requests<K>, encodes: boolean): AsyncGenerator<Look<K>, void, undefined> {
  if (!Array.isArray(requests)) return later(requests, (request, place) => () => checkRequest(request, place, encodes));
  const known = (requests as readonly ExtractRequest<K>[]).map((request, i) => checkRequest(request, i, encodes));
  return later(known, (request) => () => request);
}

async function* later<T, K>(
  items: Iterable<T> | AsyncIterable<T>,
  toLook: (item: T, place: number) => Look<K>,
): AsyncGenerator<Look<K>, void, undefined> {
  let place = 0;
  for await (const item of items) yield toLook(item, place++);
}

function checkRequest<K>(request: ExtractRequest<K>, place: number, encodes: boolean): KnownRequest<K> {
  const name = `requests[${String(place)}]`;
  const selection = checkSelection(name, request, ["source", "key", "folder"]);
  const folder = folderOf(`${name}.folder`, request.folder);
  if (folder !== undefined && !encodes) throw argumentError(`${name}.folder`, "none, without encode", folder);
  const { source } = request;
  // Texts are data: one that is wrong is its own result's error, as that of a file which is not there.
  if (typeof source !== "string" && !(source instanceof URL)) checkSource(source);
  return { selection, folder, source, key: request.key ?? (place as K) };
}
