export { DecoderPool } from "./decoder-pool.js";
export { connect, expose } from "./connect.js";
export type { Endpoint, Exposure } from "./sharing/endpoint.js";
export { VideoDecoder } from "./video-decoder.js";
export type { CallOptions, FramesOptions, ResampleOptions } from "./video-decoder.js";
export { AudioDecoder } from "./audio-decoder.js";
export type { SamplesOptions } from "./audio-decoder.js";
export type { AudioStreamMetadata } from "./audio/metadata.js";
export type { AudioDecoderOptions } from "./audio/options.js";
export { AudioSamples } from "./audio/samples.js";
export { Frame, FrameBatch } from "./video/frame.js";
export type { PixelData } from "./video/frame.js";
export { ClipBatch } from "./video/clip-batch.js";
export * as samplers from "./samplers/index.js";
export type {
  DrawOptions,
  IndexSamplerOptions,
  RandomTimestampsOptions,
  RegularTimestampsOptions,
} from "./samplers/options.js";
export type { EdgePolicy } from "./protocol/clip-plan.js";
export type { Random } from "./protocol/random.js";
export { ExtractedBatch } from "./video/extract/extract-request.js";
export type { ExtractRequest, ExtractResult } from "./video/extract/extract-request.js";
export type { VideoStreamMetadata } from "./video/metadata.js";
export type { DecoderPoolOptions, ExtractOptions, Limits, VideoDecoderOptions } from "./options.js";
export * as transforms from "./video/transforms.js";
export type { Transform } from "./protocol/transform.js";
export { FramepoolError, FramepoolTypeError } from "./errors.js";
export type { ErrorCode } from "./errors.js";
export type { LogMessage } from "./diagnostics.js";
export { httpSource } from "./sources/http/http-source.js";
export type { HttpSource, HttpSourceOptions } from "./sources/http/http-source.js";
export type { SourceStats } from "./sources/source-stats.js";
export type { MediaSource } from "./sources/media-source.js";
export type { ByteSource, ReadOptions } from "./sources/byte-source.js";
export type { RangeSource, SliceSource } from "./sources/byte-shapes.js";
export { fileLike } from "./sources/file-like.js";
export type { FileLike } from "./sources/file-like.js";
export { workerSource } from "./sources/worker-source.js";
export type { WorkerSource } from "./sources/worker-source.js";
export { versions } from "./pool/versions.js";
export type { Versions } from "./pool/versions.js";
export type { AddonOrigin, FfmpegVersions } from "./protocol/versions.js";
export type { FrameStatus, OnError } from "./protocol/job.js";
export type { DType, DimensionOrder, PixelFormat } from "./protocol/output.js";
export type { Plane, Ratio } from "./protocol/stream-info.js";
