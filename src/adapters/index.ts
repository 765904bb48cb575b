// Frames, clips and samples in the types of other packages. The package is always the caller's own, handed over as an argument.
export { toNpy } from "./npy.js";
export { toOrtTensor } from "./onnxruntime.js";
export type { OrtModule } from "./onnxruntime.js";
export { toSharp } from "./sharp.js";
export type { SharpFunction } from "./sharp.js";
export type { TensorData } from "./tensor-data.js";
export { loadVideo, toRawAudio, toRawImage, toRawVideo } from "./transformers.js";
export type { LoadVideoOptions, RawAudioModule, RawImageModule, RawVideoModule } from "./transformers.js";
