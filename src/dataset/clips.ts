import { toNpy } from "../adapters/npy.js";
import { FramepoolError, isInstance, propertyOf } from "../errors.js";
import {
  type AudioDecoder,
  type DecoderPool,
  type EncodedImage,
  type Frame,
  type FrameBatch,
  type MediaSource,
  type VideoDecoder,
} from "../index.js";
import type { ShardSettings } from "./options.js";
import { type Sample, type SampleFile, type Samples, extensionOf } from "./samples.js";
import { wavOf } from "./wav.js";

/** The pictures of a sample, encoded, and what they are. */
interface Pictures {
  readonly files: readonly SampleFile[];
  readonly facts: Sample["facts"];
}

type Left = Samples["skipped"][number];

/** Samples that are more than one picture: clips, arrays, with sound beside them. Throws as opening and decoding do. */
export async function* clipSamples(
  pool: DecoderPool,
  source: MediaSource,
  settings: ShardSettings,
): AsyncGenerator<Samples, void, undefined> {
  const { select, decoding, encode, sound, signal } = settings;
  const dtype = encode.format === "npy" ? (encode.dtype ?? "uint8") : "uint8";
  const media = await pool.open(source, { signal });
  try {
    const video = await media.video({ ...decoding, dtype });
    const { codecs } = decoding;
    const onError = decoding.onError === "throw" ? "throw" : "skip";
    const { sampleRate, numChannels } = sound ?? {};
    const options = { fillGaps: true, onError, codecs, sampleRate, numChannels } as const;
    const audio = sound === undefined ? undefined : await media.audio(options);
    const clips = clipsOf(video.select(select).indices, video.length, settings);
    for await (const pictures of encode.format === "npy"
      ? arrays(video, clips, settings)
      : images(video, clips, settings)) {
      if (!("facts" in pictures)) yield { samples: [], skipped: [pictures] };
      else if (audio === undefined) yield { samples: [pictures], skipped: [] };
      else yield await withSound(pictures, audio, sound?.seconds ?? 0, signal);
    }
  } finally {
    await media.close();
  }
}

/** Of each the numbers of its frames. One that the video ends within begins earlier; those that are then the same are one. */
function clipsOf(
  starts: Int32Array,
  length: number,
  { clip = { frames: 1 } }: Pick<ShardSettings, "clip">,
): number[][] {
  const { frames, step = 1 } = clip;
  const last = length - 1 - (frames - 1) * step;
  if (last < 0) {
    throw new FramepoolError("E_OUT_OF_RANGE", `has ${String(length)} frames: a clip takes ${String(length - last)}`);
  }
  const clips: number[][] = [];
  let before: number | undefined;
  for (const wanted of starts) {
    const start = Math.min(wanted, last);
    if (start === wanted || start !== before) clips.push(Array.from({ length: frames }, (_, i) => start + i * step));
    before = start;
  }
  return clips;
}

/** The pictures of all clips one after the other, decoded ahead. */
async function* images(
  video: VideoDecoder,
  clips: readonly (readonly number[])[],
  { encode, clip, signal }: ShardSettings,
): AsyncGenerator<Pictures | Left, void, undefined> {
  if (encode.format === "npy") throw new FramepoolError("E_INTERNAL", "an array is no picture");
  const coming = video.getImages({ indices: clips.flat() }, { encode, signal });
  let next = await coming.next();
  try {
    for (const indices of clips) {
      const pictures: EncodedImage[] = [];
      for (const index of indices) {
        // One that was skipped does not come.
        if (next.done === true || next.value.index !== index) continue;
        pictures.push(next.value);
        next = await coming.next();
      }
      const missing = indices.find((index, i) => pictures[i]?.index !== index);
      if (missing !== undefined) {
        yield { index: missing };
        continue;
      }
      const extension = extensionOf(encode.format);
      const files = pictures.map(({ data }, i) => ({
        extension: clip === undefined ? extension : `${String(i).padStart(3, "0")}.${extension}`,
        data,
      }));
      yield { files, facts: factsOf(pictures, clip !== undefined) };
    }
  } finally {
    await coming.return();
  }
}

/** One array a clip; the next one is decoded meanwhile. */
async function* arrays(
  video: VideoDecoder<"uint8" | "float16" | "float32">,
  clips: readonly (readonly number[])[],
  { clip, signal }: ShardSettings,
): AsyncGenerator<Pictures | Left, void, undefined> {
  const begin = (place: number): Promise<FrameBatch> | undefined => {
    const indices = clips[place];
    const batch = indices === undefined ? undefined : video.getFramesAt(indices, { signal });
    batch?.catch(() => undefined);
    return batch;
  };
  let next = begin(0);
  for (let place = 0; next !== undefined; place++) {
    const current = next;
    next = begin(place + 1);
    const batch = await current;
    const missing = batch.status.indexOf("skipped");
    if (missing >= 0) yield { index: batch.indices[missing] ?? 0 };
    else {
      // The frames of a clip, or the only one without the first dimension.
      const shape = clip === undefined ? batch.shape.slice(1) : batch.shape;
      const files = [{ extension: "npy", data: toNpy({ data: batch.data, shape }) }];
      yield { files, facts: factsOf([...batch], clip !== undefined) };
    }
    batch.release();
  }
}

type Shown = Pick<Frame, "index" | "ptsSeconds" | "durationSeconds" | "status" | "width" | "height">;

function factsOf(frames: readonly Shown[], isClip: boolean): Sample["facts"] {
  const [first] = frames;
  const last = frames.at(-1);
  if (first === undefined || last === undefined) throw new FramepoolError("E_INTERNAL", "a clip has no frames");
  const { index, ptsSeconds, width, height } = first;
  return {
    ...{ index, ptsSeconds, durationSeconds: last.ptsSeconds + last.durationSeconds - ptsSeconds },
    status: frames.find(({ status }) => status !== "ok")?.status ?? "ok",
    ...{ width, height },
    ...(isClip ? { indices: frames.map((frame) => frame.index) } : {}),
  };
}

/** The sound from the first picture on. */
async function withSound(
  { files, facts }: Pictures,
  audio: AudioDecoder,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<Samples> {
  try {
    const start = facts.ptsSeconds;
    const sound = await audio.getSamplesPlayedInRange(start, start + seconds, { signal });
    const { ptsSeconds, sampleRate, shape } = sound;
    const file = { extension: "wav", data: wavOf(sound) };
    sound.release();
    const about = { soundPtsSeconds: ptsSeconds, soundSamples: shape[1], sampleRate };
    return { samples: [{ files: [...files, file], facts: { ...facts, ...about } }], skipped: [] };
  } catch (error) {
    signal?.throwIfAborted();
    // There is no sound at that time, or it is damaged: that is this sample's lack, and no other's.
    const code = propertyOf(error, "code");
    if (!isInstance(error, FramepoolError) || (code !== "E_OUT_OF_RANGE" && code !== "E_DECODE")) throw error;
    return { samples: [], skipped: [{ index: facts.index, reason: `its sound: ${error.reason}`, code: error.code }] };
  }
}
