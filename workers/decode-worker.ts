import type { NativeReaderBase } from "../native/addon.js";
import type { Envelope, Job, Reply } from "../src/protocol/job.js";
import { toWire } from "./failure.js";
import { runJob } from "./run-job.js";
import { mayBegin } from "./setup.js";

const takenBack: Reply<Job["kind"]> = {
  ok: false,
  error: { code: "CANCELLED", reason: "taken back", log: [] },
  log: [],
};

/** The pool's entry: does one job and always answers, errors as data. */
export default function decodeWorker(envelope: Envelope): Reply<Job["kind"]> {
  if (!mayBegin(envelope)) return takenBack;
  let reader: NativeReaderBase | undefined;
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
  if (envelope.keepLog) log = lines(reader, "logAll");
  return { ...reply, log };
}

/** A reader that was opened for this job alone is closed by now and has no log any more. */
function lines(reader: NativeReaderBase | undefined, which: "logTail" | "logAll"): string[] {
  try {
    return reader?.[which]() ?? [];
  } catch {
    return [];
  }
}
