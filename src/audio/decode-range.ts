import { FramepoolError } from "../errors.js";
import { linkedTo } from "../async/abort.js";
import type { Running } from "../threads/task.js";
import type { DecodedRange, SampleRange } from "../protocol/audio.js";
import type { DecodedSamples } from "./host.js";
import type { OpenAudio } from "./open-audio.js";
import { secondsAt } from "./places.js";

/** A range that a worker is about to decode. */
export interface RangeJob {
  readonly range: SampleRange;
  readonly running: Running<readonly DecodedRange[]>;
  /** Memory that was lent to the job. */
  readonly offered: SharedArrayBuffer | undefined;
}

/**
 * `pin`: only this slot, for ranges that go on where its last one ended. Nothing is fetched before it: no index tells where a
 * sound stream's packets lie, and most codecs go through the file in a row, which its cache reads ahead of.
 */
export function startRange(audio: OpenAudio, range: SampleRange, signal: AbortSignal, pin?: number): RangeJob {
  const { resources, base, label, info, link } = audio;
  const { maxOutputBytes } = resources.settings.limits;
  const bytes = (range.end - range.begin) * info.outputChannels * Float32Array.BYTES_PER_ELEMENT;
  const offered = bytes <= maxOutputBytes ? resources.memory.offer(bytes) : undefined;
  const running = resources.workers.run(
    { kind: "decodeAudio", ...base, ranges: [range], maxOutputBytes, output: offered },
    { label, signal, pin, channel: link?.channel },
  );
  return { range, running, offered };
}

/** Gives the job's memory back once no worker writes into it any more. */
export function abandonRange({ resources }: OpenAudio, { running, offered }: RangeJob): void {
  running.result.catch(() => undefined);
  void running.settled.then(() => {
    resources.memory.takeBack(offered);
  });
}

/** Waits for a range; its memory is the caller's afterwards, or given back when it failed. */
export async function finishRange(audio: OpenAudio, job: RangeJob): Promise<DecodedRange> {
  try {
    const [decoded] = await job.running.result;
    if (decoded === undefined) throw new FramepoolError("E_INTERNAL", "a worker decoded no range");
    if (!decoded.usedOffered) audio.resources.memory.takeBack(job.offered);
    return decoded;
  } catch (error) {
    abandonRange(audio, job);
    throw error;
  }
}

export function toSamples({ resources }: OpenAudio, { output, count, begin, skipped }: DecodedRange): DecodedSamples {
  return { lease: resources.memory.adopt(output), count, begin, skipped };
}

/** The samples at the places of a range, by one worker. */
export async function decodeRange(
  audio: OpenAudio,
  range: SampleRange,
  signal: AbortSignal | undefined,
): Promise<DecodedSamples> {
  const decoded = await linkedTo([audio.closing.signal, signal], (linked) =>
    finishRange(audio, startRange(audio, range, linked)),
  );
  if (decoded.count > 0 || !decoded.ended || decoded.skipped > 0) return toSamples(audio, decoded);
  audio.resources.memory.takeBack(decoded.output);
  throw outOfRange(audio, range);
}

function outOfRange(audio: OpenAudio, { begin }: SampleRange): FramepoolError {
  const reason =
    begin === 0 ? "there are no samples in it" : `the sound ends before ${String(secondsAt(audio.info, begin))} s`;
  return new FramepoolError("E_OUT_OF_RANGE", reason, { source: audio.label });
}
