import { FramepoolError } from "../errors.js";
import { type PictureMetadata, type StreamMetadata, streamMetadata } from "../media/stream-metadata.js";
import type { ContentSummary } from "../protocol/frame-index.js";
import type { StreamInfo } from "../protocol/stream-info.js";

/**
 * What is known of a video stream; torchcodec's fields in camelCase, and a few more. Times in seconds; null where the
 * file does not say. "FromHeader" is what the container states, "FromContent" what its frames show (exact index only).
 */
export interface VideoStreamMetadata extends StreamMetadata, PictureMetadata {
  /** Of the picture as displayed, rotation applied. */
  readonly width: number;
  /** In pixels, as `width`. */
  readonly height: number;
  /** Of the picture as decoded. */
  readonly codedWidth: number;
  /** In pixels, as `codedWidth`. */
  readonly codedHeight: number;
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
  /** The first moment that a frame is on screen. */
  readonly beginStreamSeconds: number;
  /** The first frame's start; null without an index. */
  readonly beginStreamSecondsFromContent: number | null;
  /** The end of the last frame, exclusive. */
  readonly endStreamSeconds: number | null;
  /** The last frame's end, exclusive; null without an index. */
  readonly endStreamSecondsFromContent: number | null;
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
    ...streamMetadata(info),
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
    beginStreamSeconds: begin,
    beginStreamSecondsFromContent: content?.beginSeconds ?? null,
    endStreamSeconds: duration === null ? null : begin + duration,
    endStreamSecondsFromContent: content?.endSeconds ?? null,
    pixelAspectRatio: info.pixelAspectRatio,
    rotation: info.rotation,
    colorPrimaries: info.colorPrimaries,
    colorSpace: info.colorSpace,
    colorTransferCharacteristic: info.colorTransfer,
    colorRange: info.colorRange,
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
