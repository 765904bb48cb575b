import { LinkedAbort } from "../async/abort.js";
import { FramepoolError } from "../errors.js";
import { type FileFacts, unwrapIndex, wrapIndex } from "../pool/saved-index.js";
import { sha256 } from "../pool/sha256.js";
import type { FrameTime } from "../protocol/frame-index.js";
import { isFrameMappings, readFrameMappings } from "./frame-mappings.js";
import type { OpenVideo } from "./opened-video.js";

/** The option `index`, told apart. */
interface GivenIndex {
  /** Tells it from another. */
  readonly name: string;
  /** What a worker made of an index. */
  readonly saved: Uint8Array | undefined;
  /** Frame mappings, ascending. */
  readonly times: readonly FrameTime[] | undefined;
}

/** Throws E_INDEX for what is neither, or of another file. */
export function readIndex(bytes: Uint8Array, facts: FileFacts, label: string): GivenIndex {
  const name = sha256(bytes).toString("hex");
  if (isFrameMappings(bytes)) return { name, saved: undefined, times: readFrameMappings(bytes, label) };
  return { name, saved: unwrapIndex(bytes, facts, label), times: undefined };
}

/** The index as bytes that the option takes. Throws E_METADATA where there is none of packets. */
export async function saveIndex(video: OpenVideo, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { resources, index, base, label, link, facts, closing } = video;
  if (index === undefined) {
    const reason = 'there is no index to save: open it with seekMode "exact" and without frame mappings';
    throw new FramepoolError("E_METADATA", reason, { source: label });
  }
  const linked = new LinkedAbort(closing.signal, signal);
  try {
    linked.signal.throwIfAborted();
    const job = { kind: "saveIndex", ...base, index: index.buffer } as const;
    const { result } = resources.workers.run(job, { label, signal: linked.signal, channel: link?.channel });
    return wrapIndex(await result, facts);
  } finally {
    linked.unlink();
  }
}
