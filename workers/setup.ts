import { workerData } from "node:worker_threads";
import { type Envelope, type WorkerSetup, placeOf } from "../src/protocol/job.js";

/** What the pool gave this thread at its start. */
export const setup = workerData as WorkerSetup;

/** A job begins. False when it waited here and was taken back meanwhile. */
export function mayBegin({ slot, ticket, waits }: Envelope): boolean {
  return !waits || Atomics.compareExchange(setup.waiting, placeOf(slot, ticket), ticket, 0) === ticket;
}

export function isCancelled({ slot, ticket }: Envelope): boolean {
  return Atomics.load(setup.cancelled, placeOf(slot, ticket)) === ticket;
}

/** What a native reader is told of the job that it begins: how it learns of a cancel, and whether to keep FFmpeg's log. */
export function beginning({ slot, ticket, keepLog }: Envelope): [Int32Array, number, number, boolean] {
  return [setup.cancelled, placeOf(slot, ticket), ticket, keepLog];
}
