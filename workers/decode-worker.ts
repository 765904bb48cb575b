import { type NativeFile, binding } from "../native/addon.js";
import { type Envelope, type Job, type Reply, placeOf } from "../src/protocol/job.js";
import { toWire } from "./failure.js";
import { movingFiles } from "./moved-reply.js";
import { runJob } from "./run-job.js";
import { mayBegin, setup } from "./setup.js";

const takenBack: Reply<Job["kind"]> = {
  ok: false,
  error: { code: "CANCELLED", reason: "taken back", log: [] },
  log: [],
};

/** The pool's entry: does one job and always answers, errors as data. */
export default function decodeWorker(envelope: Envelope): Reply<Job["kind"]> {
  if (!mayBegin(envelope)) return takenBack;
  let reader: NativeFile | undefined;
  let log: string[] = [];
  let reply: Reply<Job["kind"]>;
  try {
    const value = runJob(envelope, (used) => {
      reader = used;
    });
    reply = { ok: true, value: value as never, log };
  } catch (error) {
    reply = { ok: false, error: toWire(error, lines(reader, "logTail")), log };
  }
  // Once the reply is under way.
  if (reader !== undefined) setImmediate(tidy, envelope);
  if (envelope.keepLog) log = lines(reader, "logAll");
  return movingFiles({ ...reply, log });
}

/** Bytes that closed readers may leave with the allocator before it is made to return them: by a worker without a job, by any. */
const leftWhenIdle = 32 * 2 ** 20;
const leftAtMost = 256 * 2 ** 20;

function tidy({ slot, ticket }: Envelope): void {
  const hasNext = Atomics.load(setup.waiting, placeOf(slot, ticket + 1)) !== 0;
  binding().trimHeap(hasNext ? leftAtMost : leftWhenIdle);
}

/** A reader that was opened for this job alone is closed by now and has no log any more. */
function lines(reader: NativeFile | undefined, which: "logTail" | "logAll"): string[] {
  try {
    return reader?.[which]() ?? [];
  } catch {
    return [];
  }
}
