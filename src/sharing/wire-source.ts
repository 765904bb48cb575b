import type { FilePath } from "../protocol/file-path.js";
import { sharedBytes } from "../sources/local.js";
import type { KnownSource } from "../sources/media-source.js";
import type { SourceServer } from "./source-server.js";

/** A source on its way to another thread. */
export type WireSource =
  | { readonly kind: "path"; readonly source: FilePath }
  | { readonly kind: "address"; readonly source: string }
  | { readonly kind: "memory"; readonly source: Uint8Array<SharedArrayBuffer> }
  | Extract<KnownSource, { kind: "descriptor" | "worker" }>
  /** The client is asked for its bytes, by this number. */
  | { readonly kind: "served"; readonly source: number; readonly label: string }
  | { readonly kind: "pieces"; readonly source: number };

/** What other threads can read by themselves is named to them; the rest stays here, to be asked for. */
export function wireSource(known: KnownSource, readTimeoutMs: number, server: SourceServer): WireSource {
  switch (known.kind) {
    case "path":
      return known;
    case "address":
      return { kind: "address", source: String(known.source) };
    case "memory":
      // Sending bytes that only this thread can see would copy them in both threads.
      return { kind: "memory", source: sharedBytes(known.source) };
    case "worker": {
      const { moduleUrl, argument } = known.source;
      return { kind: "worker", source: { moduleUrl, argument } };
    }
    case "descriptor":
      return known;
    case "pieces":
      return { kind: "pieces", source: server.offerPieces(known.source) };
    default:
      return { kind: "served", ...server.offer(known, readTimeoutMs) };
  }
}
