import type { Lease } from "../pool/output-memory.js";
import type { AudioInfo, DecodedRange, SampleRange } from "../protocol/audio.js";

/** An opened sound stream, on a pool of this thread or of another one. What is decoded is the caller's to release. */
export interface AudioHost {
  readonly info: AudioInfo;
  /** How a person would name the source. */
  readonly label: string;
  /** The samples at the places of a range; rejects with E_OUT_OF_RANGE when the stream ends before it. */
  decode(range: SampleRange, signal: AbortSignal | undefined): Promise<DecodedSamples>;
  /** The whole stream, so many samples of each channel at a time, decoded ahead. */
  samples(length: number, signal: AbortSignal | undefined): AsyncGenerator<DecodedSamples, void, undefined>;
  /** Ends what is under way with E_CLOSED. */
  close(): Promise<void>;
}

/** Samples that lie next to each other: a row for each channel. */
export interface DecodedSamples extends Pick<DecodedRange, "count" | "begin" | "skipped"> {
  readonly lease: Lease;
}
