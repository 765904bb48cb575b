/** A rational number, as files state it. */
export interface Ratio {
  /** Above the line. */
  readonly num: number;
  /** Below it. */
  readonly den: number;
}

/** A plane of a native frame, in bytes from the frame's start; rows follow each other without padding. */
export interface Plane {
  /** Of its first row. */
  readonly offset: number;
  /** Bytes from a row to the next. */
  readonly stride: number;
  /** Samples in a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

export interface NativeLayout {
  readonly bytes: number;
  readonly planes: readonly Plane[];
}

/** What the container states of a stream, and of itself; null where it does not. Seconds. */
export interface StatedStream {
  readonly streamIndex: number;
  readonly codec: string;
  readonly container: string;
  readonly timeBase: Ratio;
  readonly durationSeconds: number | null;
  readonly beginSeconds: number | null;
  readonly containerDurationSeconds: number | null;
  readonly bitRate: number | null;
}

/** What the container and the codec's headers state of pictures; null where they do not. */
export interface StatedPicture {
  readonly pixelFormat: string | null;
  readonly rotation: number | null;
  readonly frameRate: Ratio | null;
  readonly pixelAspectRatio: Ratio | null;
  readonly colorPrimaries: string | null;
  readonly colorSpace: string | null;
  readonly colorTransfer: string | null;
  readonly colorRange: string | null;
}

/** A stream of pictures that is decoded. */
export interface StreamInfo extends StatedStream, StatedPicture {
  /** As decoded. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** As displayed, rotation applied. */
  readonly width: number;
  readonly height: number;
  readonly numFrames: number | null;
  /** Of high dynamic range: candela per square metre of the brightest there is. */
  readonly peakLuminance: number | null;
  /** An exact index takes the container's sample table alone. */
  readonly indexIsCheap: boolean;
  readonly native: NativeLayout | null;
}
