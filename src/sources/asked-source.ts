import { blobSource, rangeSource, sliceSource } from "./byte-shapes.js";
import { BlockCache } from "./cache/block-cache.js";
import type { RemoteSource } from "./byte-source.js";
import { fileLikeSource } from "./file-like.js";
import { RemoteHttpSource } from "./http/http-source.js";
import { argumentError } from "../errors.js";
import type { IoSettings } from "../protocol/io-thread.js";
import { type KnownSource, knownSource } from "./media-source.js";
import { ObjectReader } from "./object-reader.js";

export type AskableSource = Extract<KnownSource, { kind: "fileLike" | "blob" | "bytes" | "slices" | "ranges" }>;

const cacheSettings = { blockSize: 2 ** 19, cacheBytes: 2 ** 25 };

/** What workers read through a channel, of whatever can be asked for its bytes. */
export function remoteSource(known: AskableSource, timeoutMs: number): RemoteSource {
  return new BlockCache(reader(known, timeoutMs), cacheSettings);
}

function reader(known: AskableSource, timeoutMs: number): ObjectReader {
  switch (known.kind) {
    case "fileLike":
      return new ObjectReader("a file-like object", timeoutMs, () => fileLikeSource(known.source));
    case "blob":
      return new ObjectReader("a Blob", timeoutMs, () => blobSource(known.source));
    case "bytes":
      return new ObjectReader(known.source.key ?? "a byte source", timeoutMs, () => known.source);
    case "slices":
      return new ObjectReader("a sliceable source", timeoutMs, () => sliceSource(known.source));
    case "ranges":
      return new ObjectReader("a source of ranges", timeoutMs, () => rangeSource(known.source));
  }
}

/** The same of an object that was not looked at yet. Throws FramepoolTypeError. */
export function remoteOf(source: unknown, settings: IoSettings): RemoteSource {
  const known = knownSource(source);
  switch (known.kind) {
    case "fileLike":
    case "blob":
    case "bytes":
    case "slices":
    case "ranges":
      return remoteSource(known, settings.readTimeoutMs);
    case "http":
      return known.source;
    case "address":
      return new RemoteHttpSource(known.source, settings);
    default:
      throw argumentError("the module's source", "an object that reads bytes, or an address", source);
  }
}

/** What is the caller's to close. */
export function borrowed(source: RemoteSource): RemoteSource {
  return {
    get label() {
      return source.label;
    },
    open: (signal) => source.open(signal),
    readInto: (target, position, signal) => source.readInto(target, position, signal),
    share: (ranges, signal) => source.share(ranges, signal),
    close: () => undefined,
  };
}

/** Two sources of one object are the same as long as this is: what the object says of its bytes. */
export function versionOf({ kind, source }: AskableSource): string {
  if (kind === "bytes") return JSON.stringify([source.size, source.key, source.etag]);
  if (kind === "blob") return String(source.size);
  return kind === "slices" ? String(source.byteLength) : "";
}
