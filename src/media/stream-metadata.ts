import type { Ratio, StatedStream } from "../protocol/stream-info.js";

/** What is known of a stream that is decoded, whatever its kind. */
export interface StreamMetadata {
  /** FFmpeg's name of the codec: "h264", "aac". */
  readonly codec: string;
  /** Among all streams of the file, from 0. */
  readonly streamIndex: number;
  /** FFmpeg's name of the container format: "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly container: string;
  /** What the container states of all streams together. */
  readonly containerDurationSeconds: number | null;
  /** What the container states of the stream. */
  readonly durationSecondsFromHeader: number | null;
  /** What the container states of the stream. */
  readonly beginStreamSecondsFromHeader: number | null;
  /** Bits a second. */
  readonly bitRate: number | null;
  /** Seconds in a tick of the stream's own times: those of packets are counted in it. */
  readonly timeBase: Ratio;
}

/** What is known of a stream's pictures, whether or not they are decoded. */
export interface PictureMetadata {
  /** FFmpeg's name of the decoder's pixel format: "yuv420p", "yuv420p10le". */
  readonly pixelFormat: string | null;
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
}

export function streamMetadata(info: StatedStream): StreamMetadata {
  return {
    codec: info.codec,
    streamIndex: info.streamIndex,
    container: info.container,
    containerDurationSeconds: info.containerDurationSeconds,
    durationSecondsFromHeader: info.durationSeconds,
    beginStreamSecondsFromHeader: info.beginSeconds,
    bitRate: info.bitRate,
    timeBase: info.timeBase,
  };
}
