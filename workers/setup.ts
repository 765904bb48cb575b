import { workerData } from "node:worker_threads";
import { type Envelope, type WorkerSetup, placeOf } from "../src/protocol/job.js";

/** What the pool gave this thread at its start. */
export const setup = workerData as WorkerSetup;

/** Where a cancelled job's ticket is found. */
export const cancelPlace = ({ slot, ticket }: Envelope): number => placeOf(slot, ticket);

/** A job begins. False when it waited here and was taken back meanwhile. */
export function mayBegin({ slot, ticket, waits }: Envelope): boolean {
  return !waits || Atomics.compareExchange(setup.waiting, placeOf(slot, ticket), ticket, 0) === ticket;
}
