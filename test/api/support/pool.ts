import assert from "node:assert/strict";
import { after } from "node:test";
import { DecoderPool, type DecoderPoolOptions, type ErrorCode, FramepoolError } from "../../../src/index.js";

/** A pool that is closed after the tests of the file, or of the suite, that it is made in. */
export function testPool(options: DecoderPoolOptions = { workers: 2 }): DecoderPool {
  const pool = new DecoderPool(options);
  after(() => pool.close());
  return pool;
}

/** The promise rejects with this code; the error is returned. */
export async function rejection(promise: Promise<unknown>, code: ErrorCode): Promise<FramepoolError> {
  const error: unknown = await promise.then(
    () => assert.fail(`expected the error ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FramepoolError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}

/** The promise rejects with the very same value. */
export async function rejectsWith(promise: Promise<unknown>, expected: unknown): Promise<void> {
  const outcome = await promise.then(
    () => ({ resolved: true, reason: undefined }),
    (reason: unknown) => ({ resolved: false, reason }),
  );
  assert.equal(outcome.resolved, false, "it should have been rejected");
  assert.equal(outcome.reason, expected);
}
