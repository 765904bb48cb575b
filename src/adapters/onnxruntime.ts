import { type TensorData, type TensorValues, tensorOf, typeOf } from "./tensor-data.js";

/** onnxruntime-node, or whatever has its `Tensor`. */
export interface OrtModule<T extends object> {
  /** Its class of tensors. */
  readonly Tensor: new (type: "uint8" | "float32" | "float16", data: TensorValues, dims: readonly number[]) => T;
}

/**
 * A tensor of the batch's shape and type for an InferenceSession. From Node 24 on it is over the batch's own memory: release
 * the batch after the session has run. Node-API before that refuses shared memory: then the tensor has a copy. The data of
 * a float16 tensor is a Uint16Array of the bits.
 */
export function toOrtTensor<T extends object>(ort: OrtModule<T>, batch: TensorData): T {
  const { data, shape } = tensorOf(batch);
  const values = takesSharedMemory ? data : data.slice();
  const tensor = new ort.Tensor(typeOf(data), values, shape);
  // Where there is a Float16Array the constructor makes one of them, which the native side takes for an empty one.
  if (values instanceof Uint16Array) Object.defineProperty(tensor, "data", { value: values, enumerable: true });
  return tensor;
}

const takesSharedMemory = Number.parseInt(process.versions.node, 10) >= 24;
