import { argumentError } from "../../errors.js";
import { FrameBatch } from "../frame.js";
import type { VideoStreamMetadata } from "../metadata.js";
import { checkObject, finite, index, integer, numbers, positive } from "../../arguments.js";
import type { Selection } from "../../protocol/selection.js";
import type { MediaSource } from "../../sources/media-source.js";

/** Which frames of which source; exactly one way to choose them. */
export type ExtractRequest<K = unknown> = {
  readonly source: MediaSource;
  /** Comes back with the result. Default: the request's position, from 0. */
  readonly key?: K;
} & (
  | { readonly indices: Iterable<number> }
  /** Seconds: what was on screen. */
  | { readonly times: Iterable<number> }
  /** The frame on screen at the beginning and every so many seconds after. */
  | { readonly every: number }
  /** Evenly spread from the first frame to the last: floor(i * (n - 1) / (count - 1)). */
  | { readonly count: number }
  | { readonly keyFrames: true }
);

/** A batch that also says what it is from. */
export class ExtractedBatch extends FrameBatch {
  readonly metadata: VideoStreamMetadata;

  /** @internal */
  constructor(metadata: VideoStreamMetadata, ...batch: ConstructorParameters<typeof FrameBatch>) {
    super(...batch);
    this.metadata = metadata;
  }
}

/** What became of one request. `error` is a FramepoolError, or a FramepoolTypeError for a request that makes no sense. */
export type ExtractResult<K = unknown> =
  | { readonly key: K; readonly batch: ExtractedBatch; readonly error?: undefined }
  | { readonly key: K; readonly batch?: undefined; readonly error: Error };

export type Requests<K> = Iterable<ExtractRequest<K>> | AsyncIterable<ExtractRequest<K>>;

const ways = ["indices", "times", "every", "count", "keyFrames"] as const;

/** What a request chooses. Throws FramepoolTypeError. */
export function selectionOf(request: unknown): Selection {
  checkObject("request", request, "an object");
  const given = ways.filter((way) => (request as Record<string, unknown>)[way] !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1) {
    throw argumentError("request", `one of ${ways.join(", ")}`, given.length === 0 ? "none" : given.join(" and "));
  }
  const value = (request as Record<string, unknown>)[way];
  switch (way) {
    case "indices":
      return { by: "indices", indices: numbers("request.indices", value, index) };
    case "times":
      return { by: "times", times: numbers("request.times", value, finite) };
    case "every":
      return { by: "every", seconds: positive("request.every", value) };
    case "count":
      return { by: "count", count: integer("request.count", value, 1, 2 ** 24) };
    case "keyFrames":
      if (value !== true) throw argumentError("request.keyFrames", "true", value);
      return { by: "keyFrames" };
  }
}
