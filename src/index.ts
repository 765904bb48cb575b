export { DecoderPool } from "./decoder-pool.js";
export { connect, expose } from "./connect.js";
export type { Endpoint, Exposure } from "./sharing/endpoint.js";
export { Media, open, type MediaAudioOptions, type MediaVideoOptions } from "./media.js";
export {
  MediaClip,
  type ClipAudioOptions,
  type ClipVideoOptions,
  type MediaClipsOptions,
  type TimeWindow,
} from "./media-clips.js";
export type {
  AudioStreamDescription,
  Chapter,
  OtherStreamDescription,
  StreamDescription,
  VideoStreamDescription,
} from "./media/description.js";
export type { ContentLight, DolbyVision, MasteringDisplay } from "./protocol/media.js";
export { VideoDecoder } from "./video-decoder.js";
export type {
  BatchesOptions,
  CallOptions,
  FramesOptions,
  RangeOptions,
  ResampleOptions,
} from "./video/call-options.js";
export type { Selected } from "./protocol/selection.js";
export type { ClampOption, FrameRange, FrameSelection, TimeOptions, TimeRange } from "./video/frame-selection.js";
export { AudioDecoder, type SamplesOptions } from "./audio-decoder.js";
export type { AudioStreamMetadata } from "./audio/metadata.js";
export type { AudioDecoderOptions } from "./audio/options.js";
export { AudioSamples } from "./audio/samples.js";
export { Frame, FrameBatch } from "./video/frame.js";
export type { PixelData } from "./releasable.js";
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
export {
  ExtractedBatch,
  type ExtractFilesRequest,
  type ExtractFilesResult,
  type ExtractImagesResult,
  type ExtractRequest,
  type ExtractResult,
} from "./video/extract/extract-request.js";
export type { EncodedPacket, PacketMetadata, PacketsOptions } from "./video/encoded-packet.js";
export type { EncodeOptions, EncodedImage, ImageFacts, ImageFile, SkippedFrame } from "./video/images/encoded-image.js";
export type { ImagesOptions } from "./video/images/images-of.js";
export type { ImageFormat } from "./protocol/image.js";
export type { VideoStreamMetadata } from "./video/metadata.js";
export { closeDefaultPool, configureDefaultPool } from "./default-pool.js";
export type { PoolStats } from "./pool/stats.js";
export type { DecoderPoolOptions, Limits } from "./pool/options.js";
export type { ExtractImagesOptions, ExtractOptions, VideoDecoderOptions } from "./video/options.js";
export type { OverVideoOptions } from "./open-on.js";
export { bestFrames, type BestFrame, type BestFramesOptions } from "./best-frames.js";
export { scenes, type Scene, type ScenesOptions } from "./scenes.js";
export { sprites, spriteTrack, type Sprite, type SpriteSheet, type SpritesOptions } from "./sprites.js";
export * as transforms from "./video/transforms.js";
export type { Transform } from "./protocol/transform.js";
export { FramepoolError, FramepoolTypeError, type ErrorCode } from "./errors.js";
export type { LogMessage } from "./diagnostics.js";
export {
  httpSource,
  type ExpiringAddress,
  type HttpAddress,
  type HttpHeaders,
  type HttpSource,
  type HttpSourceOptions,
} from "./sources/http/http-source.js";
export type { SourceStats } from "./sources/source-stats.js";
export type { MediaSource, NodeStream, OpenFile, OpenOptions } from "./sources/media-source.js";
export type { ByteSource, ReadOptions } from "./sources/byte-source.js";
export type { RangeSource, SliceSource } from "./sources/byte-shapes.js";
export { fileLike, type FileLike } from "./sources/file-like.js";
export { workerSource, type WorkerSource } from "./sources/worker-source.js";
export { versions, type Versions } from "./pool/versions.js";
export type { AddonOrigin, FfmpegVersions } from "./protocol/versions.js";
export type { FrameStatus, OnError } from "./protocol/video.js";
export type { DType, DimensionOrder, PixelFormat } from "./protocol/output.js";
export type { Plane, Ratio } from "./protocol/stream-info.js";
