// What workerSource loads into an I/O thread: a file, with faults on request.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../../../src/index.js";

export interface ThreadSourceArgument {
  readonly path: string;
  /** Reads that reach beyond this fail. */
  readonly failsFrom?: number;
  /** Reads that reach beyond this end the thread. */
  readonly diesFrom?: number;
  readonly refuses?: string;
  /** Counts the calls of close(). */
  readonly closed?: Int32Array;
}

export default async function make({
  path,
  failsFrom,
  diesFrom,
  refuses,
  closed,
}: ThreadSourceArgument): Promise<ByteSource & { close?(): Promise<void> }> {
  if (refuses !== undefined) throw new Error(refuses);
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  return {
    size,
    async read(position, length) {
      const end = position + length;
      if (failsFrom !== undefined && end > failsFrom) throw Object.assign(new RangeError("torn"), { code: "TORN" });
      if (diesFrom !== undefined && end > diesFrom) process.exit(3);
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, position));
    },
    ...(closed === undefined
      ? {}
      : {
          close: async () => {
            closeSync(file);
            Atomics.add(closed, 0, 1);
            Atomics.notify(closed, 0);
            throw new Error("nobody hears of it");
          },
        }),
  };
}
