import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { FramepoolError } from "../../src/index.js";
import { spool, timely } from "../../src/sources/spool.js";

const folder = mkdtempSync(join(tmpdir(), "framepool-spool-"));
after(() => rmSync(folder, { recursive: true }));

/** Files of the folder that this process has open, deleted ones too. */
function openFiles(): string[] {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return links.filter((path) => path.startsWith(folder));
}

async function* pieces(...values: unknown[]): AsyncGenerator {
  for (const value of values) yield await Promise.resolve(value);
}

describe("a stream that is kept in a file", () => {
  it("is whole, in a file without a name, that goes when its handle is closed", async () => {
    const file = await spool(pieces(Buffer.from("ab"), Buffer.alloc(0), Buffer.from("c")), 3, folder);
    assert.deepEqual(readdirSync(folder), []);
    assert.equal(openFiles().length, 1);
    assert.equal((await file.read(Buffer.alloc(8), 0, 8, 0)).bytesRead, 3);
    await file.close();
    assert.deepEqual(openFiles(), []);
  });

  it("leaves nothing behind where it is too long, yields no bytes, or fails", async () => {
    const own = new Error("own");
    const failing = async function* (): AsyncGenerator {
      yield await Promise.resolve(Buffer.from("ab"));
      throw own;
    };
    const code = (wanted: string) => (error: unknown) => error instanceof FramepoolError && error.code === wanted;
    await assert.rejects(spool(pieces(Buffer.from("ab"), Buffer.from("cd")), 3, folder), code("E_LIMIT"));
    await assert.rejects(spool(pieces("text"), 3, folder), code("E_IO"));
    await assert.rejects(spool(failing(), 3, folder), (error) => error === own);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(openFiles(), []);
  });

  it("is ended when it is left, and when a piece does not come in time", async () => {
    let ended = 0;
    const stream = (next: () => Promise<IteratorResult<unknown>>): AsyncIterable<unknown> => ({
      [Symbol.asyncIterator]: () => ({
        next,
        return: () => {
          ended++;
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    });
    const { signal } = new AbortController();
    for await (const piece of timely(
      stream(() => Promise.resolve({ done: false, value: 1 })),
      1000,
      signal,
    )) {
      assert.equal(piece, 1);
      break;
    }
    assert.equal(ended, 1);
    const silent = timely(
      stream(() => new Promise(() => undefined)),
      10,
      signal,
    );
    await assert.rejects(silent.next(), (error) => error instanceof FramepoolError && error.code === "E_TIMEOUT");
    assert.equal(ended, 2);
  });
});
