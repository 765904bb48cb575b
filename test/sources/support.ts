import assert from "node:assert/strict";
import { FramepoolError, type ErrorCode } from "../../src/errors.js";
import type { RemoteSource } from "../../src/sources/byte-source.js";

/** A signal that nothing aborts. */
export const patient = (): AbortSignal => new AbortController().signal;

/** Bytes that tell their position, and which of several files they are of. */
export function patterned(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0, state = seed; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

/** As a worker reads: asks again until all is there, or the end. */
export async function readAll(
  source: RemoteSource,
  position: number,
  length: number,
  signal = patient(),
): Promise<Uint8Array> {
  const target = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const count = await source.readInto(target.subarray(filled), position + filled, signal);
    if (count === 0) break;
    filled += count;
  }
  return target.subarray(0, filled);
}

export function assertBytes(actual: Uint8Array, expected: Uint8Array, what = "bytes"): void {
  assert.equal(
    Buffer.compare(actual, expected),
    0,
    `${what}: ${actual.length} bytes, expected ${expected.length} others`,
  );
}

export async function rejectsWith(promise: Promise<unknown>, code: ErrorCode): Promise<FramepoolError> {
  const error = await promise.then(
    () => assert.fail(`resolved, expected ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FramepoolError, `not a FramepoolError: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  return error;
}
