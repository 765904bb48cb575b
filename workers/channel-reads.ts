import type { NativeInput } from "../native/addon.js";
import type { ReadFailure } from "../src/protocol/channel.js";
import type { ChannelSourceRef } from "../src/protocol/job-base.js";
import type { Envelope } from "../src/protocol/job.js";
import type { SharedPiece } from "../src/protocol/bytes.js";
import { ChannelClient, type Waiting } from "./channel-client.js";
import { isCancelled, setup } from "./setup.js";

/** A read that failed: whatever FFmpeg made of it, it is what the job failed of. */
export class SourceReadError extends Error {
  readonly failure: ReadFailure;

  constructor(failure: ReadFailure) {
    super(failure.reason);
    this.failure = failure;
  }
}

interface Reading {
  readonly client: ChannelClient;
  readonly source: ChannelSourceRef;
  readonly waiting: Waiting;
}

const failed = -1;
const cancelled = -2;

let current: Reading | undefined;
let failure: ReadFailure | undefined;

/** A job begins whose bytes another thread has; there is one at a time. Returns what its reader reads from. */
export function beginReads(source: ChannelSourceRef, pieces: readonly SharedPiece[], envelope: Envelope): NativeInput {
  const { channel, slot } = envelope;
  if (channel === undefined) throw new Error("a channel's source without a channel");
  const client = new ChannelClient(channel);
  const waiting: Waiting = {
    patienceMs: source.patienceMs,
    cancelled: () => isCancelled(envelope),
    stalled: (on) => {
      Atomics.store(setup.stalled, slot, on ? 1 : 0);
    },
  };
  current = { client, source, waiting };
  return {
    data: client.data,
    positions: Float64Array.from(pieces, ({ position }) => position),
    pieces: pieces.map(({ bytes }) => bytes),
  };
}

/** What a reader keeps hold of between jobs: no bytes of the last one. */
export function emptyInput(): NativeInput {
  return { data: new Uint8Array(0), positions: new Float64Array(0), pieces: [] };
}

/**
 * Runs a job that reads from a channel. FFmpeg may take a failed read for the end of the file, or for damage: it is neither, and
 * the job fails with it, after `onFailure`.
 */
export function failingWithReads<T>(job: () => T, onFailure: () => void): T {
  const checkReads = (): void => {
    if (failure === undefined) return;
    onFailure();
    throw new SourceReadError(failure);
  };
  failure = undefined;
  let result: T;
  try {
    result = job();
  } catch (error) {
    checkReads();
    throw error;
  }
  checkReads();
  return result;
}

/** Called by the reader, deep inside FFmpeg: never throws. */
export function readFromChannel(position: number, length: number): number {
  if (current === undefined || failure !== undefined) return failed;
  const outcome = current.client.read(current.source.id, position, length, current.waiting);
  if (outcome === "cancelled") return cancelled;
  if (typeof outcome === "number") return outcome;
  failure = outcome;
  return failed;
}
