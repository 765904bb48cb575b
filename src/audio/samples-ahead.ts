import { LinkedAbort } from "../async/abort.js";
import { farthestPlace } from "../protocol/audio.js";
import { type RangeJob, abandonRange, finishRange, startRange, toSamples } from "./decode-range.js";
import type { DecodedSamples } from "./host.js";
import type { OpenAudio } from "./open-audio.js";

/** Chunks under way while the consumer has one. */
const chunksAhead = 2;

/** All samples in chunks of `length`, decoded ahead by one worker. Leaving the loop stops the decoding. */
export async function* samplesAhead(
  audio: OpenAudio,
  length: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<DecodedSamples, void, undefined> {
  const linked = new LinkedAbort(audio.closing.signal, signal);
  const ahead: RangeJob[] = [];
  let begin = 0;
  let slot: number | undefined;
  /** Of chunks that hold nothing else: the next one tells it. */
  let skipped = 0;
  const abandonAhead = (): void => {
    for (const job of ahead.splice(0)) abandonRange(audio, job);
  };
  try {
    for (;;) {
      linked.signal.throwIfAborted();
      // The first chunk decides which worker goes on.
      const most = slot === undefined ? 1 : chunksAhead;
      while (ahead.length < most && begin < farthestPlace) {
        ahead.push(startRange(audio, { begin, end: begin + length }, linked.signal, slot));
        begin += length;
      }
      const job = ahead.shift();
      if (job === undefined) return;
      const decoded = await finishRange(audio, job);
      slot ??= job.running.slot();
      skipped += decoded.skipped;
      // The damage in which the sound ends may go on behind the chunk.
      if (decoded.ended) skipped += decoded.skippedBehind;
      if (decoded.count > 0 || (decoded.ended && skipped > 0)) {
        const told = skipped;
        skipped = 0;
        yield toSamples(audio, { ...decoded, skipped: told });
      } else audio.resources.memory.takeBack(decoded.output);
      if (decoded.ended) return;
      if (decoded.next >= begin) {
        // What was begun lies in a gap of the stream.
        abandonAhead();
        skipped += decoded.skippedBehind;
        begin = decoded.next;
      }
    }
  } finally {
    linked.abort(new DOMException("the iteration ended", "AbortError"));
    abandonAhead();
  }
}
