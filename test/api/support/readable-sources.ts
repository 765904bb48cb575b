import { closeSync, createReadStream, openAsBlob, openSync, readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ByteSource, type FileLike, type MediaSource, fileLike, workerSource } from "../../../src/index.js";

/** A source whose answers take a turn of the event loop each. */
export function asyncSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(position, length) {
      await sleep(0);
      return bytes.subarray(position, position + length);
    },
  };
}

/** Never more than so many bytes at a time. */
export function shortSource(bytes: Uint8Array, most: number): ByteSource {
  return { size: bytes.length, read: (position, length) => bytes.slice(position, position + Math.min(length, most)) };
}

/** As in Python: a position of its own. Counts what it is asked. */
export class CountingFile implements FileLike {
  reads = 0;
  seeks = 0;
  active = 0;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  async read(size: number): Promise<Uint8Array> {
    this.reads++;
    if (this.active++ > 0) throw new Error("two calls at a time");
    await sleep(0);
    this.active--;
    const bytes = this.#bytes.subarray(this.#at, this.#at + size);
    this.#at += bytes.length;
    return bytes;
  }

  seek(offset: number, whence: 0 | 1 | 2): number {
    this.seeks++;
    if (this.active > 0) throw new Error("moved while it reads");
    this.#at = offset + [0, this.#at, this.#bytes.length][whence]!;
    return this.#at;
  }
}

export const threadModule = new URL("./thread-source.js", import.meta.url);

/** Every kind of source that is asked for its bytes; each call makes a new one. Files are closed after the tests. */
export function askableSources(path: string): Readonly<Record<string, () => Promise<MediaSource> | MediaSource>> {
  const bytes = readFileSync(path);
  const handles: FileHandle[] = [];
  const descriptors: number[] = [];
  after(async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    descriptors.forEach(closeSync);
  });
  const opened = async (): Promise<FileHandle> => {
    const handle = await open(path);
    handles.push(handle);
    return handle;
  };
  const descriptor = (): number => {
    descriptors.push(openSync(path, "r"));
    return descriptors.at(-1)!;
  };
  const shared = (): ByteSource => ({
    size: bytes.length,
    read: () => assert("readInto is preferred"),
    readInto(target, position) {
      target.set(bytes.subarray(position, position + target.length));
      return Math.min(target.length, bytes.length - position);
    },
  });
  return {
    "an asynchronous byte source": () => asyncSource(bytes),
    "a synchronous byte source with short answers": () => shortSource(bytes, 1000),
    "a byte source that writes into the memory it is given": shared,
    "a file-like object": () => new CountingFile(bytes),
    "a descriptor as a file-like object": () => fileLike(descriptor()),
    "a FileHandle as a file-like object": async () => fileLike(await opened()),
    "a Blob": () => new Blob([bytes]),
    "a Blob of a file": () => openAsBlob(path),
    "a FileHandle": opened,
    "an object with byteLength and slice": () => ({
      byteLength: bytes.length,
      slice: async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
    }),
    "an object with getSize and read": () => ({
      getSize: async () => bytes.length,
      read: (start: number, end: number) => bytes.subarray(start, end),
    }),
    "a Node stream": () => createReadStream(path, { highWaterMark: 1000 }),
    "a web stream": () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
    "a source in a thread of its own": () => workerSource(threadModule, { path }),
  };
}

function assert(message: string): never {
  throw new Error(message);
}
