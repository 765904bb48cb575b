import { FramepoolError } from "../errors.js";
import type { ContentSummary } from "../protocol/frame-index.js";
import type { Ratio, StreamInfo } from "../protocol/stream-info.js";

/**
 * What is known of a video stream; torchcodec's fields in camelCase, and a few more. Times in seconds; null where the
 * file does not say. "FromHeader" is what the container states, "FromContent" what its frames show (exact index only).
 */
export interface VideoStreamMetadata {
  /** FFmpeg's name of the codec: "h264". */
  readonly codec: string;
  /** Of the picture as displayed, rotation applied. */
  readonly width: number;
  /** In pixels, as `width`. */
  readonly height: number;
  /** Of the picture as decoded. */
  readonly codedWidth: number;
  /** In pixels, as `codedWidth`. */
  readonly codedHeight: number;
  /** FFmpeg's name of the decoder's pixel format: "yuv420p". */
  readonly pixelFormat: string | null;
  /** From the content when there is an index, otherwise from the header. */
  readonly numFrames: number;
  /** What the container states, where it does. */
  readonly numFramesFromHeader: number | null;
  /** Frames in the exact index; null without one. */
  readonly numFramesFromContent: number | null;
  /** Frames over duration when there is an index, otherwise the header's. */
  readonly averageFps: number | null;
  /** Frames a second, as the container states them. */
  readonly averageFpsFromHeader: number | null;
  /** From the first frame's start to the last one's end when there is an index, otherwise the header's. */
  readonly durationSeconds: number | null;
  /** What the container states of the stream. */
  readonly durationSecondsFromHeader: number | null;
  /** The first moment that a frame is on screen. */
  readonly beginStreamSeconds: number;
  /** What the container states of the stream. */
  readonly beginStreamSecondsFromHeader: number | null;
  /** The first frame's start; null without an index. */
  readonly beginStreamSecondsFromContent: number | null;
  /** The end of the last frame, exclusive. */
  readonly endStreamSeconds: number | null;
  /** The last frame's end, exclusive; null without an index. */
  readonly endStreamSecondsFromContent: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  /** Of a pixel: width to height. */
  readonly pixelAspectRatio: Ratio | null;
  /** Degrees counter-clockwise, as the display matrix says; already applied to every format but native. */
  readonly rotation: number | null;
  /** FFmpeg's name: "bt709", "bt2020". */
  readonly colorPrimaries: string | null;
  /** FFmpeg's name of the matrix: "bt709", "bt2020nc". */
  readonly colorSpace: string | null;
  /** FFmpeg's name: "bt709", "smpte2084". */
  readonly colorTransferCharacteristic: string | null;
  /** "tv" (limited) or "pc" (full). */
  readonly colorRange: string | null;
  /** Among all streams of the file, from 0. */
  readonly streamIndex: number;
  /** FFmpeg's name of the container format: "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly container: string;
  /** What the container states of all streams together. */
  readonly containerDurationSeconds: number | null;
  /** Seconds in a tick of the stream's own times: those of packets are counted in it. */
  readonly timeBase: Ratio;
}

/** `label` names the source, for the error E_METADATA. */
export function videoMetadata(
  info: StreamInfo,
  content: ContentSummary | undefined,
  label: string,
): VideoStreamMetadata {
  const fpsFromHeader = info.frameRate === null ? null : info.frameRate.num / info.frameRate.den;
  const begin = content?.beginSeconds ?? info.beginSeconds ?? 0;
  const duration =
    content === undefined ? headerDuration(info, fpsFromHeader) : content.endSeconds - content.beginSeconds;
  return {
    codec: info.codec,
    width: info.width,
    height: info.height,
    codedWidth: info.codedWidth,
    codedHeight: info.codedHeight,
    pixelFormat: info.pixelFormat,
    numFrames: content?.numFrames ?? headerFrames(info, fpsFromHeader, duration, label),
    numFramesFromHeader: info.numFrames,
    numFramesFromContent: content?.numFrames ?? null,
    averageFps:
      content !== undefined && duration !== null && duration > 0 ? content.numFrames / duration : fpsFromHeader,
    averageFpsFromHeader: fpsFromHeader,
    durationSeconds: duration,
    durationSecondsFromHeader: info.durationSeconds,
    beginStreamSeconds: begin,
    beginStreamSecondsFromHeader: info.beginSeconds,
    beginStreamSecondsFromContent: content?.beginSeconds ?? null,
    endStreamSeconds: duration === null ? null : begin + duration,
    endStreamSecondsFromContent: content?.endSeconds ?? null,
    bitRate: info.bitRate,
    pixelAspectRatio: info.pixelAspectRatio,
    rotation: info.rotation,
    colorPrimaries: info.colorPrimaries,
    colorSpace: info.colorSpace,
    colorTransferCharacteristic: info.colorTransfer,
    colorRange: info.colorRange,
    streamIndex: info.streamIndex,
    container: info.container,
    containerDurationSeconds: info.containerDurationSeconds,
    timeBase: info.timeBase,
  };
}

/** torchcodec's order: the stream's, the frame count over the rate, the container's. */
function headerDuration(info: StreamInfo, fps: number | null): number | null {
  if (info.durationSeconds !== null) return info.durationSeconds;
  if (info.numFrames !== null && fps !== null) return info.numFrames / fps;
  return info.containerDurationSeconds;
}

function headerFrames(info: StreamInfo, fps: number | null, duration: number | null, source: string): number {
  if (info.numFrames !== null) return info.numFrames;
  if (fps !== null && duration !== null) return Math.floor(fps * duration + 1e-6);
  throw new FramepoolError(
    "E_METADATA",
    'the header states neither frames nor duration: open it with seekMode "exact"',
    { source },
  );
}
