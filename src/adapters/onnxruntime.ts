import type { PixelData } from "../frame.js";
import { type TensorData, tensorOf, typeOf } from "./tensor-data.js";

/** onnxruntime-node, or whatever has its `Tensor`. */
export interface OrtModule<T> {
  readonly Tensor: new (type: "uint8" | "float32" | "float16", data: PixelData, dims: readonly number[]) => T;
}

/**
 * A tensor of the batch's shape and type for an InferenceSession. From Node 24 on it is over the batch's own memory: release
 * the batch after the session has run. Node-API before that refuses shared memory: then the tensor has a copy.
 */
export function toOrtTensor<T>(ort: OrtModule<T>, batch: TensorData): T {
  const { data, shape } = tensorOf(batch);
  return new ort.Tensor(typeOf(data), takesSharedMemory ? data : data.slice(), shape);
}

const takesSharedMemory = Number.parseInt(process.versions.node, 10) >= 24;
