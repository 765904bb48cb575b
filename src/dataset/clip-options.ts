import { integer, knownKeys, oneOf, optional, positive } from "../arguments.js";
import { argumentError, propertyOf } from "../errors.js";
import type { EncodeOptions } from "../index.js";
import { encodingOf } from "../video/images/encoded-image.js";

/** Samples of several frames: each that the selection names begins one. */
export interface ClipOptions {
  /** Frames of each clip, from 1. A video with fewer fails with E_OUT_OF_RANGE; a clip that it would end within begins earlier. */
  readonly frames: number;
  /** From one frame of the clip to its next. Default 1. */
  readonly step?: number | undefined;
}

/** Sound beside the pictures: from the sample's first frame on, as `key.wav` of 16 bits. */
export interface SoundOptions {
  /** At the end of the sound there is less. */
  readonly seconds: number;
  /** Default: the stream's own. */
  readonly sampleRate?: number | undefined;
  /** Default: the stream's own. */
  readonly numChannels?: number | undefined;
}

/** Pictures as NumPy's arrays, one file a sample: [frames of a clip, height, width, channels]. */
export interface ArrayOptions {
  /** NumPy's file format. */
  readonly format: "npy";
  /** Default uint8. */
  readonly dtype?: "uint8" | "float16" | "float32" | undefined;
}

/** What a sample is made of. */
export interface SampleOptions {
  /** Default jpeg of quality 90. */
  readonly encode?: EncodeOptions | ArrayOptions | undefined;
  /** Several frames a sample: `key.000.jpg` and so on, or one array. Default: one frame. */
  readonly clip?: ClipOptions | undefined;
  /** An input without sound fails then (E_NO_STREAM), and a sample at a time without any is left out. Default: none. */
  readonly sound?: SoundOptions | undefined;
}

/** The same, checked, with every default written out. Throws FramepoolTypeError. */
export function wholeSample({ encode = { format: "jpeg" }, clip, sound }: SampleOptions): object {
  return {
    encode: wholeEncoding(encode),
    clip: clip === undefined ? undefined : wholeClip(clip),
    sound: sound === undefined ? undefined : wholeSound(sound),
  };
}

function wholeEncoding(encode: EncodeOptions | ArrayOptions): object {
  if (propertyOf(encode, "format") !== "npy") return encodingOf("options.encode", encode);
  knownKeys("options.encode", encode, ["format", "dtype"]);
  const dtype: unknown = propertyOf(encode, "dtype") ?? "uint8";
  return { format: "npy", dtype: oneOf("options.encode.dtype", dtype, ["uint8", "float16", "float32"]) };
}

function wholeClip(clip: ClipOptions): object {
  knownKeys("options.clip", clip, ["frames", "step"]);
  const frames = integer("options.clip.frames", clip.frames, 1, 2 ** 20);
  return { frames, step: integer("options.clip.step", clip.step ?? 1, 1, 2 ** 20) };
}

function wholeSound(sound: SoundOptions): object {
  knownKeys("options.sound", sound, ["seconds", "sampleRate", "numChannels"]);
  const { sampleRate, numChannels } = sound;
  const seconds = positive("options.sound.seconds", sound.seconds);
  if (seconds > 3600) throw argumentError("options.sound.seconds", "at most an hour", seconds);
  return {
    seconds,
    sampleRate: optional(integer, "options.sound.sampleRate", sampleRate, 1, 1_000_000),
    numChannels: optional(integer, "options.sound.numChannels", numChannels, 1, 64),
  };
}
