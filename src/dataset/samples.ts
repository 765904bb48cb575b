import type { EncodedImage } from "../index.js";

/** What a sample is, as far as its files do not tell. */
export interface SampleFacts {
  /** Of the frame, or of a clip's first one. */
  readonly index: number;
  /** When that frame comes on screen, on the file's clock. */
  readonly ptsSeconds: number;
  /** Of a clip: from its first frame's time to the end of its last one. */
  readonly durationSeconds: number;
  /** Of a clip `ok` where all of its frames are. */
  readonly status: string;
  /** Of its pictures, in pixels. */
  readonly width: number;
  /** Of its pictures, in pixels. */
  readonly height: number;
  /** Of a clip: the numbers of its frames. */
  readonly indices?: readonly number[];
  /** Of the sound beside it: when it begins, and how much there is of it. */
  readonly soundPtsSeconds?: number;
  /** Of each channel, in the file beside the pictures. */
  readonly soundSamples?: number;
  /** Of that sound: samples a second of each channel. */
  readonly sampleRate?: number;
}

/** A file of a sample. */
export interface SampleFile {
  /** What follows the sample's key and a dot: `jpg`, `000.jpg`, `npy`, `wav`. */
  readonly extension: string;
  readonly data: Uint8Array;
}

export interface Sample {
  readonly files: readonly SampleFile[];
  readonly facts: SampleFacts;
}

/** What came of an input, or of a piece of it, in the selection's order. */
export interface Samples {
  readonly samples: readonly Sample[];
  /** What could not be decoded and was left out: a frame, or the clip that begins with it. */
  readonly skipped: readonly { readonly index: number; readonly reason?: string; readonly code?: string }[];
}

export function extensionOf(format: EncodedImage["format"]): string {
  return format === "jpeg" ? "jpg" : format;
}

/** A sample of one picture. */
export function pictureSample(image: EncodedImage): Sample {
  const { index, ptsSeconds, durationSeconds, status, width, height, data, format } = image;
  return {
    files: [{ extension: extensionOf(format), data }],
    facts: { index, ptsSeconds, durationSeconds, status, width, height },
  };
}
