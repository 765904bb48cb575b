export { AudioClipBatch } from "./audio-clip-batch.js";
export { AudioClipLoader, type AudioClipLoaderOptions } from "./audio-clip-loader.js";
export type { AudioSamplerOptions } from "./audio-sampler.js";
export { ClipLoader, type ClipLoaderOptions } from "./clip-loader.js";
export { LoadedBatch } from "./loaded-batch.js";
export type { ClipLoaderState } from "./loader.js";
export type { LoaderItem, LoaderItems } from "./items.js";
export type { LoaderErrorPolicy, LoaderOptions, SamplerSeed, ShuffleOptions } from "./options.js";
export type { ClipLoaderStats, ItemFailure } from "./stats.js";
