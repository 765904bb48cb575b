import { blobSource, rangeSource, sliceSource } from "./adapters.js";
import type { RemoteSource } from "./byte-source.js";
import { DirectSource } from "./direct-source.js";
import { fileLikeSource } from "./file-like.js";
import type { KnownSource } from "./media-source.js";

type Askable = Extract<KnownSource, { kind: "fileLike" | "blob" | "bytes" | "slices" | "ranges" }>;

/** What workers read through a channel, of whatever can be asked for its bytes. */
export function remoteSource(known: Askable, timeoutMs: number): RemoteSource {
  switch (known.kind) {
    case "fileLike":
      return new DirectSource("a file-like object", timeoutMs, () => fileLikeSource(known.source));
    case "blob":
      return new DirectSource("a Blob", timeoutMs, () => blobSource(known.source));
    case "bytes":
      return new DirectSource(known.source.key ?? "a byte source", timeoutMs, () => known.source);
    case "slices":
      return new DirectSource("a sliceable source", timeoutMs, () => sliceSource(known.source));
    case "ranges":
      return new DirectSource("a source of ranges", timeoutMs, () => rangeSource(known.source));
  }
}
