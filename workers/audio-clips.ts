import type { NativeAudioReader, NativeRange } from "../native/addon.js";
import { FramepoolError } from "../src/errors.js";
import { clipPlaces, samplesPerClip } from "../src/protocol/audio-clip-plan.js";
import type { AudioClipsJob, AudioClipsResult, AudioInfo } from "../src/protocol/audio.js";
import { seededRandom } from "../src/protocol/random.js";
import { clipMemory } from "./clips.js";

type DecodedAudioClips = Omit<AudioClipsResult, "learnt">;

/** One item of a data set: see AudioClipsJob. */
export function decodeAudioClips(job: AudioClipsJob, reader: NativeAudioReader, info: AudioInfo): DecodedAudioClips {
  const clips = new AudioClips(job, reader, info);
  const told = clips.toldEnd();
  const drawn = told === undefined ? undefined : clips.decode(told);
  if (drawn !== undefined && !drawn.endsEarlier) return drawn.result;
  // What headers say of the length may be a guess, or wrong. Then the clips are drawn again, from what is really there.
  return clips.decode(clips.measuredEnd()).result;
}

/** Samples of each channel that are decoded at a time where only their number counts. */
const measuredAtOnce = 65_536;

class AudioClips {
  readonly #job: AudioClipsJob;
  readonly #reader: NativeAudioReader;
  readonly #info: AudioInfo;
  /** Of each channel. */
  readonly #samples: number;

  constructor(job: AudioClipsJob, reader: NativeAudioReader, info: AudioInfo) {
    this.#job = job;
    this.#reader = reader;
    this.#info = info;
    this.#samples = samplesPerClip(job.sampler, info.outputRate);
  }

  /** The place behind the last sample by the header; undefined where that cannot be. */
  toldEnd(): number | undefined {
    const { firstSeconds, beginSeconds, durationSeconds, containerDurationSeconds, outputRate } = this.#info;
    const duration = durationSeconds ?? containerDurationSeconds;
    if (duration === null) return undefined;
    const begin = beginSeconds ?? firstSeconds;
    const start = this.#job.sampler.samplingRangeStart ?? firstSeconds;
    const end = Math.floor((begin + duration - firstSeconds) * outputRate + 1e-6);
    return end > Math.max(0, (start - firstSeconds) * outputRate) ? end : undefined;
  }

  /** The place behind the last sample. Throws E_OUT_OF_RANGE where there is none. */
  measuredEnd(): number {
    let end = 0;
    let ended = false;
    for (let place = 0; !ended;) {
      const decoded = this.#reader.decode(place, place + measuredAtOnce, Number.MAX_SAFE_INTEGER);
      if (decoded.count > 0) end = decoded.begin + decoded.count;
      ({ ended } = decoded);
      place = decoded.next;
    }
    if (end === 0) throw new FramepoolError("E_OUT_OF_RANGE", "there are no samples in it");
    return end;
  }

  /** `endsEarlier`: the sound is shorter than `endPlace`, and so are clips. */
  decode(endPlace: number): { readonly result: DecodedAudioClips; readonly endsEarlier: boolean } {
    const { sampler, seeds, skip } = this.#job;
    const extent = { firstSeconds: this.#info.firstSeconds, rate: this.#info.outputRate, endPlace };
    const drawn = clipPlaces(sampler, extent, seededRandom(...seeds));
    const wanted = drawn.slice(skip);
    const { made, targets } = this.#targets(wanted.length);
    const result = {
      output: made,
      ptsSeconds: new Float64Array(wanted.length),
      numSamples: new Int32Array(wanted.length),
    };
    const promised = (place: number): number => Math.min(this.#samples, endPlace - place);
    // The last one tells whether the end is where it was said to be, also when it is not wanted again.
    const last = Math.max(...drawn);
    const order = wanted.map((place, clip) => ({ place, clip })).sort((a, b) => a.place - b.place);
    for (const { place, clip } of order) {
      const decoded = this.#reader.decode(place, place + this.#samples, this.#job.maxOutputBytes);
      if (decoded.ended && decoded.count < promised(place)) return { result, endsEarlier: true };
      this.#put(decoded, targets[clip]);
      result.ptsSeconds[clip] = this.#info.firstSeconds + decoded.begin / this.#info.outputRate;
      result.numSamples[clip] = decoded.count;
    }
    if (order.at(-1)?.place !== last) {
      const { ended, count } = this.#reader.decode(last, last + this.#samples, this.#job.maxOutputBytes);
      if (ended && count < promised(last)) return { result, endsEarlier: true };
    }
    return { result, endsEarlier: false };
  }

  /** What was decoded, zeros behind it. Throws E_OUT_OF_RANGE where those are not wanted. */
  #put({ count }: NativeRange, target: Float32Array | undefined): void {
    if (target === undefined) throw new FramepoolError("E_INTERNAL", "more clips were drawn than there is room for");
    if (count === this.#samples) {
      this.#reader.take(target);
      return;
    }
    if (this.#job.sampler.policy === "error") {
      throw new FramepoolError(
        "E_OUT_OF_RANGE",
        `a clip of ${String(this.#samples)} samples has only ${String(count)} in the sound, and policy is "error"`,
      );
    }
    const { outputChannels } = this.#info;
    const samples = new Float32Array(outputChannels * count);
    this.#reader.take(samples);
    target.fill(0);
    for (let channel = 0; channel < outputChannels; channel++) {
      target.set(samples.subarray(channel * count, (channel + 1) * count), channel * this.#samples);
    }
  }

  /** By clip, where it goes: where the job says, or memory of its own. Throws E_LIMIT. */
  #targets(clips: number): { readonly made: SharedArrayBuffer | undefined; readonly targets: readonly Float32Array[] } {
    const length = this.#info.outputChannels * this.#samples;
    const clipBytes = length * Float32Array.BYTES_PER_ELEMENT;
    const { pieces, maxOutputBytes } = this.#job;
    const made = pieces === undefined ? clipMemory(clips * clipBytes, maxOutputBytes) : undefined;
    const places = pieces ?? (made === undefined ? [] : [{ output: made, first: 0, clips }]);
    const targets = places.flatMap((piece) =>
      Array.from(
        { length: piece.clips },
        (_, i) => new Float32Array(piece.output, (piece.first + i) * clipBytes, length),
      ),
    );
    return { made, targets };
  }
}
