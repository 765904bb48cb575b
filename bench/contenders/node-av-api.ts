import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { benchCache } from "../paths.js";

/** The part of node-av that is used here; the package is not among our dependencies, so its types are not there. */
export interface NodeAv {
  readonly FormatContext: new () => AvFormat;
  readonly CodecContext: new () => AvDecoder;
  readonly Packet: new () => AvPacket;
  readonly Frame: new () => AvFrame;
  readonly SoftwareScaleContext: new () => AvScaler;
  readonly Codec: { findDecoder(id: number): object | null };
  readonly AVERROR_EAGAIN: number;
  readonly AVERROR_EOF: number;
  readonly AVMEDIA_TYPE_VIDEO: number;
  readonly AVSEEK_FLAG_BACKWARD: number;
  readonly AV_PIX_FMT_RGB24: number;
}

export interface AvStream {
  readonly timeBase: { readonly num: number; readonly den: number };
  readonly nbFrames: bigint;
  readonly codecpar: { readonly codecId: number };
}

export interface AvFormat {
  readonly streams: readonly AvStream[];
  openInputSync(path: string): number;
  findStreamInfoSync(): number;
  findBestStream(type: number): number;
  readFrameSync(packet: AvPacket): number;
  seekFrameSync(stream: number, timestamp: bigint, flags: number): number;
  closeInputSync(): void;
}

export interface AvDecoder {
  threadCount: number;
  pktTimebase: AvStream["timeBase"];
  allocContext3(codec: object): void;
  parametersToContext(parameters: AvStream["codecpar"]): number;
  open2Sync(codec: object): number;
  sendPacketSync(packet: AvPacket | null): number;
  receiveFrameSync(frame: AvFrame): number;
  flushBuffers(): void;
  freeContext(): void;
}

export interface AvPacket {
  readonly streamIndex: number;
  readonly pts: bigint;
  alloc(): void;
  unref(): void;
  free(): void;
}

export interface AvFrame {
  format: number;
  width: number;
  height: number;
  readonly bestEffortTimestamp: bigint;
  readonly data: readonly Buffer[] | null;
  alloc(): void;
  getBuffer(align: number): number;
  free(): void;
}

export interface AvScaler {
  allocContext(): void;
  scaleFrameSync(target: AvFrame, source: AvFrame): number;
  freeContext(): void;
}

const folder = process.env["FRAMEPOOL_BENCH_NODE_AV"] ?? join(benchCache, "node-av");

/** The version of the node-av that bench/peers.sh installed, or undefined. */
export function nodeAvVersion(): string | undefined {
  const manifest = join(folder, "node_modules/node-av/package.json");
  if (!existsSync(manifest)) return undefined;
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version?: string }).version;
}

export async function loadNodeAv(): Promise<NodeAv> {
  const entry = createRequire(join(folder, "package.json")).resolve("node-av");
  const loaded: unknown = await import(pathToFileURL(entry).href);
  return loaded as NodeAv;
}
