import { checkObject } from "../arguments.js";

export type TensorValues = Uint8Array | Float32Array | Uint16Array;

/** What has values in row-major order: a Frame, a FrameBatch, a ClipBatch, AudioSamples. */
export interface TensorData {
  /** The values, in one piece. */
  readonly data: TensorValues;
  /** How many along each axis, the outermost first. */
  readonly shape: readonly number[];
}

/** Throws FramepoolTypeError for what is none. */
export function tensorOf(batch: TensorData): TensorData {
  checkObject("batch", batch, "a frame, a batch or samples", ["data", "shape"]);
  return batch;
}

/** The type of its values; 16-bit words are float16. */
export function typeOf(data: TensorValues): "uint8" | "float32" | "float16" {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Uint16Array ? "float16" : "uint8";
}
