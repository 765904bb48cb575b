/** The FFmpeg that decodes. */
export interface FfmpegVersions {
  /** As FFmpeg's own: "9.0.2", "5.1.9-0+deb12u1". */
  readonly version: string;
  /** What it was configured with. */
  readonly configuration: string;
  /** As FFmpeg says it: "LGPL version 2.1 or later". */
  readonly license: string;
}

/** The native addon that was loaded. */
export interface AddonOrigin {
  /**
   * `local build`, against this system's FFmpeg; the package that has FFmpeg inside: `@framepool/linux-x64`; or
   * `FRAMEPOOL_ADDON`, by whose value in the environment it was named.
   */
  readonly from: string;
  /** Of its file. */
  readonly path: string;
  /** What would have been taken first and does not load, with the reason. */
  readonly notLoaded: readonly string[];
}

/** What only a worker can tell. */
export interface WorkerVersions {
  /** This machine's name among the packages, such as linux-x64 or linuxmusl-arm64. */
  readonly platform: string;
  /** The C library and, of glibc, its version: "glibc 2.36"; null where there is no choice. */
  readonly libc: string | null;
  /** Which one was loaded, and from where. */
  readonly addon: AddonOrigin;
  /** The one that decodes. */
  readonly ffmpeg: FfmpegVersions;
}
