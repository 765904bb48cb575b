import { availableParallelism, freemem, tmpdir, totalmem } from "node:os";
import { folder, integer, knownKeys } from "../arguments.js";

/** Bounds on hostile or unexpectedly large input. Reaching one is the error E_LIMIT. */
export interface Limits {
  /**
   * Width times height of one picture. Default: a sixteenth of the bytes of memory that this process may use, at most
   * 268402689 (16383 x 16383). A picture takes 1.5 to 8 bytes a pixel while it is decoded, and as much again as output.
   */
  readonly maxPixels?: number | undefined;
  /** Streams in a container. Default 100. */
  readonly maxStreams?: number | undefined;
  /** Packets of the video stream in an exact index. Default 10 million. */
  readonly maxIndexPackets?: number | undefined;
  /** Bytes of pixels in one batch. Default 2 GiB; at most 4 GiB - 1, what a typed array holds. */
  readonly maxOutputBytes?: number | undefined;
  /** Bytes of a stream, or of a file that a server sends only as a whole, that are kept in a temporary file. Default 8 GiB. */
  readonly maxSpoolBytes?: number | undefined;
}

/** What a pool may use. */
export interface DecoderPoolOptions {
  /** Worker threads, started as they are needed. Default: the processors that this process may use. */
  readonly workers?: number | undefined;
  /**
   * Bytes that the pool holds at most by itself: a quarter for frames that loops and extractions decode ahead, a quarter
   * kept free for reuse as output, half for decoders that are kept open. What is asked for is decoded whatever its size,
   * and what you hold is not counted. Default: an eighth of the memory that this process may use (the machine's, or its container's),
   * a quarter of what is available now, 1.25 GiB: whichever is least.
   */
  readonly memoryBudget?: number | undefined;
  /** What is refused: see Limits. Each has a default. */
  readonly limits?: Limits | undefined;
  /**
   * Folder of the temporary copies of streams, and of large files that a server sends only as a whole. Default `os.tmpdir()`, which may
   * lie in memory. They have no name there, and go away with the process. A folder that is full is the error E_IO.
   */
  readonly spoolFolder?: string | undefined;
  /**
   * Folder in which the indices of files are kept, so that no process reads through a file again to find its frames, whether it opens the
   * file, loads clips of it or extracts from it: where an index takes reading (not of MP4), and the version of the file is known (a local file,
   * a server's etag). Default: none. As a string at most 256 MiB, or `maxBytes`; what was used longest ago goes first. What is damaged there is
   * made anew, and no opening fails of this folder.
   */
  readonly indexCache?:
    | string
    | {
        /** Made when it is not there. */
        readonly folder: string;
        /** Of all files together. Default 256 MiB. */
        readonly maxBytes?: number | undefined;
      }
    | undefined;
}

/** With every default filled in. */
export type KnownLimits = { readonly [K in keyof Limits]-?: number };

/** Those that a worker opens a file with. */
export type OpenLimits = Pick<KnownLimits, "maxPixels" | "maxStreams" | "maxIndexPackets">;

export function openLimits({ maxPixels, maxStreams, maxIndexPackets }: KnownLimits): OpenLimits {
  return { maxPixels, maxStreams, maxIndexPackets };
}

export interface PoolSettings {
  readonly workers: number;
  readonly memoryBudget: number;
  readonly limits: KnownLimits;
  readonly spoolFolder: string;
  readonly indexCache: IndexFolder | undefined;
}

const largestBuffer = 2 ** 32 - 1;
const largestBudget = 1.25 * 2 ** 30;

/** Bytes that this process may use: the machine's memory, or its container's where that is less. Without a bound Node says 0, or more than there is. */
function usableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** Node tells since 20.13 what is available to the container. */
function availableMemory(): number {
  const { availableMemory } = process as { readonly availableMemory?: () => number };
  return availableMemory?.call(process) ?? freemem();
}

/** What the parts of a budget are for. */
export function memoryShares(budget: number): {
  readonly decoders: number;
  readonly ahead: number;
  readonly free: number;
} {
  const quarter = Math.floor(budget / 4);
  return { decoders: 2 * quarter, ahead: quarter, free: quarter };
}

/** What the largest pictures take must not be more than there is. */
function defaultMaxPixels(): number {
  return Math.max(1, Math.min(0x3fff ** 2, Math.floor(usableMemory() / 16)));
}

export function poolSettings(options: DecoderPoolOptions): PoolSettings {
  knownKeys("options", options, ["workers", "memoryBudget", "limits", "spoolFolder", "indexCache"]);
  const limits = options.limits ?? {};
  knownKeys("options.limits", limits, [
    "maxPixels",
    "maxStreams",
    "maxIndexPackets",
    "maxOutputBytes",
    "maxSpoolBytes",
  ]);
  return {
    spoolFolder: folder("options.spoolFolder", options.spoolFolder ?? tmpdir()),
    indexCache: indexFolder(options.indexCache),
    workers: integer("options.workers", options.workers ?? availableParallelism(), 1, 1024),
    memoryBudget: integer(
      "options.memoryBudget",
      options.memoryBudget ?? Math.floor(Math.min(largestBudget, usableMemory() / 8, availableMemory() / 4)),
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    limits: {
      maxPixels: integer("options.limits.maxPixels", limits.maxPixels ?? defaultMaxPixels(), 1, 2 ** 31 - 1),
      maxStreams: integer("options.limits.maxStreams", limits.maxStreams ?? 100, 1, 100_000),
      maxIndexPackets: integer("options.limits.maxIndexPackets", limits.maxIndexPackets ?? 10_000_000, 1, 50_000_000),
      maxOutputBytes: integer("options.limits.maxOutputBytes", limits.maxOutputBytes ?? 2 ** 31, 1, largestBuffer),
      maxSpoolBytes: integer(
        "options.limits.maxSpoolBytes",
        limits.maxSpoolBytes ?? 2 ** 33,
        0,
        Number.MAX_SAFE_INTEGER,
      ),
    },
  };
}

/** Where a file's index is kept. */
export interface IndexFolder {
  readonly folder: string;
  /** All files together; those used longest ago are deleted for new ones. */
  readonly maxBytes: number;
}

/** Of a pool's option. */
function indexFolder(option: DecoderPoolOptions["indexCache"]): IndexFolder | undefined {
  if (option === undefined) return undefined;
  const name = "options.indexCache";
  const given = typeof option === "string" ? { folder: option } : option;
  knownKeys(name, given, ["folder", "maxBytes"]);
  const maxBytes = integer(`${name}.maxBytes`, given.maxBytes ?? 2 ** 28, 0, Number.MAX_SAFE_INTEGER);
  return { folder: folder(typeof option === "string" ? name : `${name}.folder`, given.folder), maxBytes };
}
