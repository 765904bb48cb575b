/** What the page asks for: types that both ends read, without anything of Node's or of a browser's. */

/** What is wrong with the file, or with a part of it. */
export interface FileError {
  readonly code: string;
  readonly message: string;
}

export type Answer<Facts> = Facts | { readonly error: FileError };

export interface FileFacts {
  /** How often the file was opened by then: what is asked for later is asked for of that version. */
  readonly opening: number;
  /** As the user wrote it. */
  readonly name: string;
  /** What pictures' files are named by. */
  readonly stem: string;
  readonly container: string;
  readonly streams: readonly VideoChoice[];
}

interface VideoChoice {
  readonly streamIndex: number;
  /** "0: h264, 1920x1080 (eng)" */
  readonly label: string;
}

/** Of the library's metadata; see there. */
export interface VideoFacts {
  readonly streamIndex: number;
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly pixelFormat: string | null;
  readonly numFrames: number;
  readonly averageFps: number | null;
  readonly durationSeconds: number | null;
  readonly beginStreamSeconds: number;
  readonly endStreamSeconds: number | null;
  readonly bitRate: number | null;
  readonly rotation: number | null;
  readonly colorPrimaries: string | null;
  readonly colorSpace: string | null;
  readonly colorTransferCharacteristic: string | null;
  readonly colorRange: string | null;
}

/** The packets of a stream in decoding order, by column. */
export interface PacketColumns {
  /** Bytes. */
  readonly size: readonly number[];
  /** 1: decoding can begin here. */
  readonly key: readonly (0 | 1)[];
  /** The frame that is decoded from it; -1 without. */
  readonly frame: readonly number[];
  /** Seconds on the file's clock. */
  readonly pts: readonly (number | null)[];
  readonly dts: readonly (number | null)[];
}

/** What comes with a picture, in the header `framepool-frame`. */
export interface FrameFacts {
  readonly index: number;
  readonly ptsSeconds: number;
  readonly durationSeconds: number;
  readonly status: string;
  readonly width: number;
  readonly height: number;
}

export type Mode = "exact" | "approximate";
