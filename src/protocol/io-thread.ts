import type { MessagePort } from "node:worker_threads";
import type { ByteRange } from "./bytes.js";
import type { ReadFailure } from "./channel.js";

/** What an I/O thread is started with. */
export interface IoThreadData {
  readonly moduleUrl: string;
  readonly port: MessagePort;
  readonly bell: SharedArrayBuffer;
}

export interface OpenedSource {
  /** The channel server's. */
  readonly id: number;
  readonly size: number;
  readonly key: string | undefined;
  readonly label: string;
}

export interface IoSettings {
  readonly readTimeoutMs: number;
  /** Of what can only be had as a whole. */
  readonly maxSpoolBytes: number;
  readonly spoolFolder: string;
}

/** One of the two. */
export interface OpenAnswer {
  readonly opened?: OpenedSource;
  readonly failure?: ReadFailure;
}

/** The plain commands of an I/O thread, called through comlink; bytes go through the request channel. */
export interface IoCommands {
  /** A slot will ask this thread. */
  attach(slot: number, memory: SharedArrayBuffer): void;
  /** Makes a source of an argument. An error comes as data, since comlink would drop its code. */
  open(argument: unknown, settings: IoSettings): Promise<OpenAnswer>;
  /** These bytes will be asked for. */
  expect(id: number, ranges: readonly ByteRange[]): void;
  close(id: number): Promise<void>;
  closeAll(): Promise<void>;
}
