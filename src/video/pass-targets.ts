import { at } from "../protocol/frame-index.js";
import type { OutputSpec } from "../protocol/output.js";
import { valuesAt } from "../protocol/sorted.js";
import type { SharedPass } from "../protocol/video.js";
import type { FrameRequest } from "./frame-request.js";

/** Frames that one request or several wait for, ascending. */
export interface Targets {
  readonly requests: readonly FrameRequest[];
  readonly frames: Int32Array;
  /** By target: whose it is, as a place in `requests`. undefined: all are the first one's. */
  readonly owners: Int32Array | undefined;
  /** By target: the row in its request's memory. */
  readonly rows: Int32Array;
}

type Joined = Targets & { readonly owners: Int32Array };

/** All frames of the requests, one after the other. */
export function joined(requests: readonly FrameRequest[]): Joined {
  const count = requests.reduce((sum, { wanted }) => sum + wanted.length, 0);
  const [frames, owners, rows] = [new Int32Array(count), new Int32Array(count), new Int32Array(count)];
  let at = 0;
  requests.forEach(({ wanted }, owner) => {
    frames.set(wanted, at);
    owners.fill(owner, at, at + wanted.length);
    for (let row = 0; row < wanted.length; row++) rows[at + row] = row;
    at += wanted.length;
  });
  return { requests, frames, owners, rows };
}

/** Those at the given places, and of the requests those that are still wanted among them. */
export function take(targets: Joined, places: Int32Array): Joined {
  const owners = valuesAt(targets.owners, places);
  const numbers = new Int32Array(targets.requests.length).fill(-1);
  const requests: FrameRequest[] = [];
  for (let i = 0; i < owners.length; i++) {
    const owner = at(owners, i);
    const request = targets.requests[owner];
    if (at(numbers, owner) < 0 && request !== undefined) numbers[owner] = requests.push(request) - 1;
    owners[i] = at(numbers, owner);
  }
  return { requests, frames: valuesAt(targets.frames, places), owners, rows: valuesAt(targets.rows, places) };
}

/** Only what the requests want for which `isWanted` holds. */
export function only(targets: Joined, isWanted: (request: FrameRequest, owner: number) => boolean): Targets {
  const kept = targets.requests.map((request, owner) => isWanted(request, owner));
  return take(
    targets,
    targets.owners.map((_, i) => i).filter((i) => kept[at(targets.owners, i)] === true),
  );
}

/** What a job that serves one request alone says of it: row i is for target i. */
export function solePass(output: SharedArrayBuffer, targets: number, spec: OutputSpec): SharedPass {
  const rows = new Int32Array(targets);
  for (let i = 0; i < targets; i++) rows[i] = i;
  return { ...soleRun(targets), rows, outputs: [output], abandoned: flags(1), spec };
}

/** Of the targets: see SharedPass. */
export type Runs = Pick<SharedPass, "owners" | "ends">;

/** So many targets are one request's. */
function soleRun(targets: number): Runs {
  return { owners: Int32Array.of(0), ends: Int32Array.of(targets) };
}

/** One for each change of owner. */
export function runsOf({ frames, owners }: Targets): Runs {
  if (owners === undefined) return soleRun(frames.length);
  const [whose, ends] = [new Int32Array(owners.length), new Int32Array(owners.length)];
  let runs = 0;
  for (let i = 0; i < owners.length; i++) {
    if (i + 1 < owners.length && at(owners, i) === at(owners, i + 1)) continue;
    whose[runs] = at(owners, i);
    ends[runs++] = i + 1;
  }
  // Copies: a message takes the whole memory of a view.
  return { owners: whose.slice(0, runs), ends: ends.slice(0, runs) };
}

/** In shared memory. */
export function flags(count: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(count));
}
