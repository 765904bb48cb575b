import { linkedTo } from "../async/abort.js";
import { FramepoolError } from "../errors.js";
import { type FileFacts, unwrapIndex, wrapIndex } from "../pool/saved-index.js";
import { sha256 } from "../pool/sha256.js";
import type { FrameTime } from "../protocol/frame-index.js";
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
  const job = { kind: "saveIndex", ...base, index: index.buffer } as const;
  const made = await linkedTo([closing.signal, signal], async (linked) => {
    linked.throwIfAborted();
    return await resources.workers.run(job, { label, signal: linked, channel: link?.channel }).result;
  });
  return wrapIndex(made, facts);
}

/** What `index` may be besides bytes of saveIndex(): the frames of a stream as ffprobe prints them in JSON. */
function isFrameMappings(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
  return first === 0x7b;
}

/**
 * `{ "frames": [{ "pts", "duration", "key_frame" }] }` of `ffprobe -show_frames`, with older versions' names (`pkt_pts`,
 * `pkt_duration`), in the order of their times. Throws E_INDEX for anything else.
 */
function readFrameMappings(bytes: Uint8Array, source: string): readonly FrameTime[] {
  const refuse = (reason: string): FramepoolError => new FramepoolError("E_INDEX", reason, { source });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new FramepoolError("E_INDEX", "the frame mappings are no JSON", { source, cause });
  }
  const { frames } = Object(json) as { readonly frames?: unknown };
  if (!Array.isArray(frames) || frames.length === 0) throw refuse('the frame mappings have no "frames"');
  const times = (frames as readonly unknown[]).map((frame, i) => {
    const time = frameTime(frame);
    if (time !== undefined) return time;
    throw refuse(`frame ${String(i)} of the frame mappings lacks a whole number "pts", "duration" or "key_frame"`);
  });
  times.sort((a, b) => Number(a.pts - b.pts));
  const twice = times.findIndex((time, i) => time.pts === times[i - 1]?.pts);
  if (twice < 0) return times;
  throw refuse(`two frames of the frame mappings have the time ${String(times[twice]?.pts)}`);
}

function frameTime(frame: unknown): FrameTime | undefined {
  const fields = Object(frame) as Readonly<Record<string, unknown>>;
  const pts = wholeNumber(fields["pts"] ?? fields["pkt_pts"]);
  const duration = wholeNumber(fields["duration"] ?? fields["pkt_duration"] ?? 0);
  const key = wholeNumber(fields["key_frame"]);
  if (pts === undefined || duration === undefined || duration < 0n || key === undefined) return undefined;
  return { pts, duration, key: key !== 0n };
}

/** Some writers of JSON put numbers into strings. */
function wholeNumber(value: unknown): bigint | undefined {
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === "boolean") return number ? 1n : 0n;
  return Number.isSafeInteger(number) ? BigInt(number as number) : undefined;
}
