import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { FramepoolError, type MediaSource, type VideoDecoder } from "../../src/index.js";
import { intra, plain, plainMkv, raw } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { temporaryFolder } from "./support/files.js";
import { bytesOf, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { collect, range } from "./support/sequences.js";

const folder = temporaryFolder();
const pool = testPool({ workers: 2 });

async function all(video: VideoDecoder): Promise<string[]> {
  const batch = await video.getAllFrames();
  const result = digests(batch);
  batch.release();
  return result;
}

const frames = async (source: MediaSource): Promise<string[]> => all(await pool.openVideo(source));

/** The bytes in the middle of others, so that the view has an offset. */
function embedded(bytes: Uint8Array, buffer: ArrayBufferLike): Uint8Array {
  const view = new Uint8Array(buffer, 24, bytes.length);
  view.set(bytes);
  return view;
}

function shared(bytes: Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return buffer;
}

describe("the same video from every kind of source", () => {
  for (const path of [plain.path(), plainMkv()]) {
    const bytes = readFileSync(path);
    const odd = join(folder, `ünï#1 %20?&${path.slice(-4)}`);
    copyFileSync(path, odd);
    const kinds: Readonly<Record<string, MediaSource>> = {
      "a relative path": relative(process.cwd(), path),
      "a file: URL": pathToFileURL(path),
      "a file: URL as a string": pathToFileURL(path).href,
      "a path with odd characters": odd,
      "its URL": pathToFileURL(odd),
      "a Buffer": bytes,
      "a Uint8Array": new Uint8Array(bytes),
      "a part of an ArrayBuffer": embedded(bytes, new ArrayBuffer(bytes.length + 100)),
      "an ArrayBuffer": new Uint8Array(bytes).buffer,
      "a SharedArrayBuffer": shared(bytes),
      "a part of a SharedArrayBuffer": embedded(bytes, new SharedArrayBuffer(bytes.length + 100)),
    };
    for (const [kind, source] of Object.entries(kinds)) {
      it(`${kind} (${path.slice(-3)})`, async () => {
        const expected = await frames(path);
        assert.deepEqual(await frames(source), expected);
        assert.deepEqual(await frames(source), expected, "again");
        const [result] = await collect(pool.extract([{ source, indices: range(0, plain.frames) }]));
        assert.deepEqual(digests(result!.batch!), expected, "in bulk");
      });
    }
  }

  it("a link to the file, and a name without an extension", async () => {
    const link = join(folder, "link");
    symlinkSync(plain.path(), link);
    assert.deepEqual(await frames(link), await frames(plain.path()));
  });

  it("paths are read when they are opened, from where the process is then", async () => {
    const home = process.cwd();
    const inside = join(folder, "inside");
    mkdirSync(inside);
    copyFileSync(plain.path(), join(inside, "here.mp4"));
    process.chdir(inside);
    const video = await pool.openVideo("here.mp4");
    process.chdir(home);
    assert.equal((await all(video)).length, plain.frames);
    await rejection(pool.openVideo("here.mp4"), "E_NOT_FOUND");
  });
});

describe("bytes in memory", () => {
  // The file holds the pixels as they are: a byte changed there is a byte changed in a picture.
  const pictureBytes = 160 * 120 * 1.5;

  /** Which of the first picture and a later one are still the same after the bytes of the later one were changed. */
  async function pixelsAfter(source: Uint8Array | ArrayBufferLike, bytes: Uint8Array): Promise<readonly boolean[]> {
    const before = await (await pool.openVideo(raw.path(), { pixelFormat: "native" })).getFramesAt([0, 5]);
    const video = await pool.openVideo(source, { pixelFormat: "native" });
    await video.getFrameAt(0);
    // The pictures lie one after the other behind the header.
    const middle = bytes.length - 4.5 * pictureBytes;
    for (let i = middle - 100; i < middle + 100; i++) bytes[i] = ~bytes[i]!;
    const after = await video.getFramesAt([0, 5]);
    await video.close();
    return [0, 1].map((row) => Buffer.from(bytesOf(before.frame(row))).equals(bytesOf(after.frame(row))));
  }

  it("that are not shared are copied: what is done to them later is not seen", async () => {
    const bytes = new Uint8Array(readFileSync(raw.path()));
    assert.deepEqual(await pixelsAfter(bytes, bytes), [true, true]);
    const buffer = new Uint8Array(readFileSync(raw.path())).buffer;
    assert.deepEqual(await pixelsAfter(buffer, new Uint8Array(buffer)), [true, true]);
  });

  it("that are shared are not copied: every worker reads the caller's", async () => {
    const buffer = shared(readFileSync(raw.path()));
    assert.deepEqual(await pixelsAfter(buffer, new Uint8Array(buffer)), [true, false]);
  });

  it("may hold another video the next time", async () => {
    const [one, other] = [readFileSync(plain.path()), readFileSync(intra.path())];
    const buffer = new SharedArrayBuffer(Math.max(one.length, other.length));
    const bytes = new Uint8Array(buffer);
    for (const [video, path] of [
      [one, plain.path()],
      [other, intra.path()],
      [one, plain.path()],
    ] as const) {
      bytes.fill(0).set(video);
      const opened = await pool.openVideo(buffer);
      assert.deepEqual(await all(opened), await frames(path));
      await opened.close();
    }
  });

  it("are not detached or changed", async () => {
    const bytes = new Uint8Array(readFileSync(plain.path()));
    await frames(bytes);
    await frames(bytes.buffer);
    assert.deepEqual(Buffer.from(bytes), readFileSync(plain.path()));
  });
});

describe("files that change", () => {
  const other = withDeadPackets(intra.path(), [19]);

  /** A file that is another one a moment later, whatever the resolution of the file system's clock. */
  function file(name: string, from: string): string {
    const path = join(folder, name);
    copyFileSync(from, path);
    utimesSync(path, 1000, 1000);
    return path;
  }

  it("one that is replaced under its name is a new file when it is opened again", async () => {
    const path = file("replaced.mov", intra.path());
    const old = await pool.openVideo(path);
    const oldFrames = await all(old);
    renameSync(file("replacement.mov", plain.path()), path);
    assert.deepEqual(await frames(path), await frames(plain.path()));
    await old.close();
    assert.deepEqual(await frames(path), await frames(plain.path()));
    assert.notDeepEqual(await frames(path), oldFrames);
  });

  it("one that is written over in place is a new file when it is opened again", async () => {
    const path = file("rewritten.mov", intra.path());
    const video = await pool.openVideo(path);
    const before = await all(video);
    await video.close();
    writeFileSync(path, readFileSync(raw.path()));
    assert.deepEqual(await frames(path), await frames(raw.path()));
    writeFileSync(path, readFileSync(intra.path()));
    assert.deepEqual(await frames(path), before);
  });

  // Half of one file and half of another would be wrong pictures that nobody notices.
  for (const [how, replace] of [
    ["replaced", (path: string) => renameSync(file("new", other), path)],
    ["written over in place", (path: string) => writeFileSync(path, readFileSync(other).reverse())],
    ["cut off", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 3000))],
    ["removed", (path: string) => renameSync(path, `${path}.gone`)],
  ] as const) {
    it(`one that is ${how} while it is open gives its old frames or E_SOURCE_CHANGED, never others`, async () => {
      const expected = await frames(intra.path());
      for (const warm of [true, false]) {
        const path = file(`open-${how}-${String(warm)}.mov`, intra.path());
        const video = await pool.openVideo(path);
        if (warm) await all(video);
        replace(path);
        const calls = [video.getAllFrames(), ...range(0, intra.frames).map((index) => video.getFramesAt([index]))];
        for (const [call, outcome] of (await Promise.allSettled(calls)).entries()) {
          if (outcome.status === "fulfilled") {
            const wanted = call === 0 ? expected : [expected[call - 1]];
            assert.deepEqual(digests(outcome.value), wanted);
          } else {
            const { reason } = outcome as { reason: unknown };
            assert.ok(reason instanceof FramepoolError);
            assert.ok(["E_SOURCE_CHANGED", "E_NOT_FOUND"].includes(reason.code), `${reason.code}: ${reason.message}`);
          }
        }
        await video.close();
      }
    });
  }
});
