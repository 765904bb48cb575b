import { type ErrorCode, FramepoolError, isInstance } from "../errors.js";
import { toError } from "../threads/job-error.js";
import type { Running } from "../threads/task.js";
import { at } from "../protocol/frame-index.js";
import { type RequestFailure, type SharedPass } from "../protocol/video.js";
import type { OutputSpec } from "../protocol/output.js";
import { type Rows, indexedRows } from "../protocol/rows.js";
import { sorted } from "../protocol/sorted.js";
import { runFetched } from "../feed/fetched-job.js";
import { timedRows, timesOf } from "./by-time.js";
import type { FrameRequest } from "./frame-request.js";
import { jobRanges } from "./plan/job-ranges.js";
import type { OpenVideo } from "./opened-video.js";
import { flags, joined, only, type Runs, runsOf, take, type Targets } from "./pass-targets.js";
import { planRequest } from "./plan/request-plan.js";

interface PassOptions {
  readonly threads: number;
  readonly pin: number | undefined;
}

interface PassResult {
  /** What was delivered, by target. */
  readonly delivered: Rows;
  readonly failures: readonly RequestFailure[];
}

/** Decodes requests of one spec together, by as many workers as they can use. Each one settles by itself. */
export function decodeTogether(video: OpenVideo, wanted: readonly FrameRequest[]): void {
  const requests = wanted.filter((request) => request.begin(video));
  const [first] = requests;
  if (first === undefined) return;
  const all = requests.length > 1 ? joined(requests) : undefined;
  const frames = all?.frames ?? first.wanted;
  /** `rows`: places in `frames`. */
  const start = (targets: Int32Array, rows: Int32Array, options: PassOptions): Running<PassResult> => {
    const sole = { requests: [first], frames: targets, owners: undefined, rows };
    return startPass(video, first.spec, all === undefined ? sole : take(all, rows), options);
  };
  const { index, cursor, settings } = video;
  if (index === undefined) {
    const { values, positions } = sorted(frames, video.metadata.numFrames);
    start(values, positions, { threads: settings.threads ?? 1, pin: undefined });
    return;
  }
  const { jobs, pin } = planRequest(video, index, frames);
  const { next } = cursor;
  for (const { job, threads } of jobs) {
    const running = start(job.targets, job.rows, { threads, pin });
    if (jobs.length > 1) continue;
    const noteSlot = (): void => {
      // Unless others came meanwhile, who have it elsewhere.
      if (cursor.next === next) cursor.slot = running.slot();
    };
    running.result.then(noteSlot, () => undefined);
  }
}

/** Begins a job for requests that are open. */
function startPass(video: OpenVideo, spec: OutputSpec, targets: Targets, options: PassOptions): Running<PassResult> {
  const { requests, rows } = targets;
  const runs = runsOf(targets);
  const abandoned = flags(requests.length);
  const stop = new AbortController();
  let wanted = requests.length;
  requests.forEach((request, owner) => {
    request.enter(() => {
      Atomics.store(abandoned, owner, 1);
      if (--wanted === 0) stop.abort();
    });
  });
  const pass = { ...runs, rows, outputs: requests.map(({ output }) => output), abandoned, spec };
  const onWait = (waits: boolean): void => video.requests.note(stop, waits);
  const running = runPass(video, pass, targets.frames, options, { signal: stop.signal, onWait });
  running.result.then(
    (result) => deliver(video, { ...targets, ...runs }, result),
    (error: unknown) => failPass(video, spec, targets, error),
  );
  void running.settled.then(() => {
    for (const request of requests) request.leave();
  });
  return running;
}

interface PassSignals {
  readonly signal: AbortSignal;
  readonly onWait: (waits: boolean) => void;
}

function runPass(
  video: OpenVideo,
  pass: SharedPass,
  frames: Int32Array,
  { threads, pin }: PassOptions,
  signals: PassSignals,
): Running<PassResult> {
  const { index, resources, base, settings, label, link } = video;
  const { workers } = resources;
  if (index === undefined) {
    const times = timesOf(video, frames);
    const { onError } = settings;
    const job = { kind: "decodeTimes", ...base, ...pass, frames, ...times, onError } as const;
    const running = workers.run(job, { label, ...signals, channel: link?.channel });
    const result = running.result.then((done) => ({
      delivered: timedRows(video, frames, done),
      failures: done.failures,
    }));
    return { ...running, result };
  }
  const { onError } = settings;
  const moreFollows = pin !== undefined;
  const own = { index: index.buffer, targets: frames, onError, moreFollows, threads };
  const running = runFetched(
    workers,
    link,
    (most) => jobRanges(index, frames, 0, most),
    { kind: "decode", ...base, ...pass, ...own },
    { label, ...signals, pin },
  );
  const result = running.result.then(({ delivered, status, failures }) => ({
    delivered: indexedRows(index, delivered, status),
    failures,
  }));
  return { ...running, result };
}

function deliver(
  { label }: OpenVideo,
  { requests, owners, ends, rows }: Omit<Targets, "owners"> & Runs,
  { delivered, failures }: PassResult,
): void {
  for (const { owner, error } of failures) requests[owner]?.fail(toError(error, label, () => undefined));
  const counts = new Int32Array(requests.length);
  for (let run = 0, begin = 0, end = 0; run < owners.length; run++, begin = end) {
    const owner = at(owners, run);
    end = at(ends, run);
    counts[owner] = at(counts, owner) + end - begin;
    const own = requests[owner]?.rows;
    if (own === undefined) continue;
    for (let i = begin; i < end; i++) {
      const row = rows[i] ?? 0;
      own.indices[row] = delivered.indices[i] ?? 0;
      own.ptsSeconds[row] = delivered.ptsSeconds[i] ?? 0;
      own.durationSeconds[row] = delivered.durationSeconds[i] ?? 0;
      own.status[row] = delivered.status[i] ?? 0;
    }
  }
  requests.forEach((request, owner) => request.delivered(at(counts, owner)));
}

/** What is wrong with the file, the source or the pool, and not with a request's frames. */
const everybodys: ReadonlySet<ErrorCode> = new Set(["E_CLOSED", "E_TIMEOUT", "E_SOURCE_CHANGED", "E_ADDON"]);

/**
 * A whole job failed: a read did, or the thread died. Whose frames that was for is not known, so the requests are split in halves that
 * are tried again, until the ones that fail fail alone.
 */
function failPass(video: OpenVideo, spec: OutputSpec, targets: Targets, error: unknown): void {
  const open = targets.requests.filter(({ isOpen }) => isOpen);
  const isOwn = isInstance(error, FramepoolError) && !everybodys.has(error.code);
  if (targets.owners === undefined || open.length < 2 || !isOwn || video.closing.signal.aborted) {
    for (const request of open) request.fail(error);
    return;
  }
  const shared = { ...targets, owners: targets.owners };
  const half = new Set(open.slice(0, open.length >> 1));
  for (const isFirst of [true, false]) {
    const some = only(shared, (request) => request.isOpen && half.has(request) === isFirst);
    if (some.requests.length > 0) {
      startPass(video, spec, some, { threads: video.settings.threads ?? 1, pin: undefined });
    }
  }
}
