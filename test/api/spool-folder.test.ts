import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { FramepoolTypeError, DecoderPool, httpSource } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { rejection, testPool } from "./support/pool.js";

const missing = join(tmpdir(), "framepool-no-such-folder");

describe("the folder of temporary copies", () => {
  const bytes = readFileSync(plain.streamable());
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  });
  let address = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/clip.mp4`;
  });
  after(() => server.close());

  it("is the one that the pool was given, for streams and for what a server sends as a whole", async () => {
    const folder = mkdtempSync(join(tmpdir(), "spool-"));
    const pool = testPool({ workers: 1, spoolFolder: folder });
    const sources = [createReadStream(plain.streamable()), httpSource(address, { cacheBytes: 0, spoolFolder: folder })];
    for (const source of sources) {
      const video = await pool.openVideo(source);
      assert.equal((await video.getFrameAt(-1)).index, plain.frames - 1);
      assert.deepEqual(readdirSync(folder), [], "copies have no name");
      await video.close();
    }
  });

  it("that cannot be written to is E_IO, which names it", async () => {
    const pool = testPool({ workers: 1, spoolFolder: missing });
    const sources = [
      createReadStream(plain.streamable()),
      httpSource(address, { cacheBytes: 0, spoolFolder: missing }),
    ];
    for (const source of sources) {
      const error = await rejection(pool.openVideo(source), "E_IO");
      assert.match(error.message, /framepool-no-such-folder \(spoolFolder\): ENOENT/);
    }
  });

  it("that has no room is E_IO, which says so", () => {
    const library = new URL("../../src/index.js", import.meta.url).href;
    const script = `
      const { DecoderPool } = await import(${JSON.stringify(library)});
      const { Readable } = await import("node:stream");
      const pool = new DecoderPool({ workers: 1 });
      const pieces = Readable.from((function* () { for (;;) yield Buffer.alloc(65536); })());
      const error = await pool.openVideo(pieces).catch((error) => error);
      console.log(JSON.stringify([error.code, error.message]));
      await pool.close();`;
    // Files may not grow beyond so many blocks: what a full disk answers, without one.
    const limited = `trap "" XFSZ; ulimit -f 512; exec "$0" --input-type=module -e "$1"`;
    const { stdout, stderr } = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
    const [code, message] = JSON.parse(stdout || "[]") as string[];
    assert.equal(code, "E_IO", stderr);
    assert.match(
      message ?? "",
      /^a stream: a temporary copy cannot be written to .* \(spoolFolder\): there is no room for it$/,
    );
  });

  it("has to be a path", () => {
    for (const spoolFolder of ["", 5, "a\0b"]) {
      assert.throws(() => new DecoderPool({ spoolFolder: spoolFolder as string }), FramepoolTypeError);
      assert.throws(() => httpSource(address, { spoolFolder: spoolFolder as string }), FramepoolTypeError);
    }
  });
});
