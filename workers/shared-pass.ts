import type { NativeReaderBase } from "../native/addon.js";
import { at } from "../src/protocol/frame-index.js";
import type { RequestFailure, SharedPass } from "../src/protocol/video.js";
import { toWire } from "./failure.js";

/** Targets that follow each other and are for one request: those from `begin` up to but not including `end`. */
interface PassPiece {
  readonly begin: number;
  readonly end: number;
  readonly rows: Int32Array;
  readonly output: SharedArrayBuffer;
}

/**
 * Decodes the targets of a pass, request by request as they come. What is wrong with one request's frames is its own failure;
 * anything else (the file is gone, the job was cancelled) is thrown, and is everybody's.
 */
export function decodePass(
  { owners, ends, rows, outputs, abandoned }: SharedPass,
  reader: NativeReaderBase,
  decode: (piece: PassPiece) => void,
): RequestFailure[] {
  const failures = new Map<number, RequestFailure>();
  for (let run = 0, begin = 0, end = 0; run < owners.length; run++, begin = end) {
    const owner = at(owners, run);
    end = at(ends, run);
    const output = outputs[owner];
    if (output === undefined) throw new Error("a frame without a request");
    if (failures.has(owner) || Atomics.load(abandoned, owner) !== 0) continue;
    try {
      decode({ begin, end, rows: rows.subarray(begin, end), output });
    } catch (thrown) {
      const error = toWire(thrown, reader.logTail());
      if (error.code !== "E_DECODE" && error.code !== "E_FRAME_SIZE") throw thrown;
      failures.set(owner, { owner, error });
    }
  }
  return [...failures.values()];
}
