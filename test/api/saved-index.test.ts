import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type ByteSource, type Frame, type FrameBatch, type MediaSource, VideoDecoder } from "../../src/index.js";
import { fileContent } from "../support/content.js";
import { RangeServer } from "../support/range-server.js";
import { plain, plainMkv } from "./support/clips.js";
import { clip, ffprobe } from "./support/ffmpeg.js";
import { canMake, hardClips } from "./support/hard-clips.js";
import { temporaryFolder } from "./support/files.js";
import { oddTimes } from "./support/odd-times.js";
import { outcome } from "./support/outcome.js";
import { rejection, testPool } from "./support/pool.js";
import { sharedVideos, withSharedMedia } from "./support/shared-media.js";

const folder = temporaryFolder();
const pool = testPool();

/** 12 key pictures, large enough that a scan shows: 600 noisy pictures. */
const long = (name: string, ...output: string[]): string =>
  clip(name, [
    ...["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25,noise=alls=60:allf=t", "-frames:v", "600"],
    ...["-c:v", "mpeg4", "-q:v", "2", "-g", "50", "-bf", "2", "-sc_threshold", "1000000000", ...output],
  ]);
const files = {
  matroska: (): string => long("long.mkv"),
  "matroska without cues": (): string => long("long-live.mkv", "-f", "matroska", "-live", "1"),
  "a transport stream": (): string => long("long.ts"),
  flv: (): string => clip("long.flv", ["-i", long("long.mkv"), "-c:v", "flv", "-q:v", "3", "-g", "50"]),
  mp4: (): string => long("long.mp4"),
};

const digest = (batch: FrameBatch): string => createHash("sha256").update(batch.data).digest("hex");

/** Bytes with a name, of which is counted what is asked for. */
class Counted implements ByteSource {
  readonly size: number;
  readonly key: string;
  readonly #bytes: Uint8Array;
  asked = 0;

  constructor(path: string, key: string) {
    this.key = key;
    this.#bytes = readFileSync(path);
    this.size = this.#bytes.length;
  }

  read(position: number, length: number): Uint8Array {
    this.asked += length;
    return this.#bytes.subarray(position, position + length);
  }
}

async function saved(source: MediaSource): Promise<Uint8Array<ArrayBuffer>> {
  const video = await pool.openVideo(source);
  const bytes = await video.saveIndex();
  await video.close();
  return bytes;
}

function oddFile(name: string): Buffer {
  const file = oddTimes().find((one) => one.name === name) ?? assert.fail(name);
  return readFileSync(file.path());
}

/** By its own saved index each frame, from the last to the first, is what it is without. Returns how many there are. */
async function framesBySaved(bytes: Uint8Array): Promise<number> {
  const video = await pool.openVideo(bytes);
  const restored = await pool.openVideo(bytes, { index: await video.saveIndex() });
  for (let frame = video.length - 1; frame >= 0; frame--) {
    assert.equal(await outcome(restored, frame), await outcome(video, frame), `frame ${String(frame)}`);
  }
  return video.length;
}

describe("a saved index", () => {
  for (const [name, path] of Object.entries(files)) {
    test(`opens ${name} again with little more than its frames read, and the same frames`, async () => {
      const first = await pool.openVideo(path());
      const index = await first.saveIndex();
      assert.ok(index.length < 12 * first.length + 600, `${String(index.length)} bytes`);
      for (const frames of [[301], [599], [0], [77, 3, 410]]) {
        const expected = digest(await first.getFramesAt(frames));
        const source = new Counted(path(), `${name} ${String(frames)}`);
        const video = await pool.openVideo(source, { index });
        assert.equal(video.length, first.length);
        assert.deepEqual(await video.keyFrameIndices(), await first.keyFrameIndices());
        assert.equal(digest(await video.getFramesAt(frames)), expected);
        // A GOP is a twelfth of the file; what opening takes is fetched in blocks.
        const most = (source.size * (frames.length + 1)) / 12 + 2.5 * 2 ** 20;
        assert.ok(source.asked < most, `${String(source.asked)} of ${String(source.size)} bytes were asked for`);
        await video.close();
      }
    });
  }

  test("is told from others by what decides it, and refused with E_INDEX", async () => {
    const path = join(folder, "mine.mkv");
    copyFileSync(plainMkv(), path);
    const index = await saved(path);
    await pool.openVideo(path, { index });
    // The same bytes, from where no version is known.
    await pool.openVideo(readFileSync(path), { index });
    utimesSync(path, 1, 1);
    assert.match((await rejection(pool.openVideo(path, { index }), "E_INDEX")).message, /another version of the file/);
    assert.match((await rejection(pool.openVideo(plain.path(), { index }), "E_INDEX")).message, /another size/);
    const other = readFileSync(path);
    const size = other.length;
    const source = (etag: string): ByteSource => ({
      ...{ size, key: "one", etag },
      read: (position, length) => other.subarray(position, position + length),
    });
    const tagged = await saved(source("a"));
    await pool.openVideo(source("a"), { index: tagged });
    await rejection(pool.openVideo(source("b"), { index: tagged }), "E_INDEX");
    await rejection(pool.openVideo(path, { index: new Uint8Array() }), "E_INDEX");
    for (const wrong of [3, {}, new Float64Array(8)]) {
      await assert.rejects(pool.openVideo(path, { index: wrong as Uint8Array }), { code: "E_ARGUMENT" });
    }
    await assert.rejects(pool.openVideo(path, { index, seekMode: "approximate" }), { code: "E_ARGUMENT" });
  });

  test("of other packets in a file of the same size gives no wrong frame", async () => {
    const bytes = readFileSync(plainMkv());
    const index = await saved(bytes);
    const clusters = [...bytes.toString("latin1").matchAll(/\xa3/g)].map(({ index: at }) => at);
    const shifted = Buffer.from(bytes);
    // The pictures' blocks (SimpleBlock, of which the track comes after the size) get other times.
    for (const at of clusters)
      if (shifted[at + 3] === 0x81) shifted.writeInt16BE(shifted.readInt16BE(at + 4) + 7, at + 4);
    assert.notDeepEqual(shifted, bytes);
    const video = await pool.openVideo(shifted, { index });
    await rejection(video.getFramesAt([30, 49]), "E_INDEX");
  });

  for (const name of ["times-uneven-mpeg2-2.mkv", "times-mpeg2-2.mxf"]) {
    test(`of a file that was cut is its own (${name})`, async () => {
      const whole = oddFile(name);
      // Its cues in front tell of more than is there; its own index is behind the media.
      assert.ok((await framesBySaved(whole.subarray(0, Math.floor(whole.length * 0.6)))) > 20);
    });
  }

  test("of an AVI whose own list misses some is its own", async () => {
    const bytes = oddFile("times-mpeg2-2.avi");
    // Entries of 16 bytes, by the packets' names: FFmpeg's times behind a seek count what is left of them.
    const list = bytes.indexOf("idx1") + 8;
    for (const entry of [5, 6, 30]) bytes.fill(0, list + 16 * entry, list + 16 * entry + 4);
    await framesBySaved(bytes);
  });

  test("needs an index of packets, and an open decoder", async () => {
    const approximate = await pool.openVideo(plainMkv(), { seekMode: "approximate" });
    await rejection(approximate.saveIndex(), "E_METADATA");
    const video = await pool.openVideo(plainMkv());
    await assert.rejects(video.saveIndex({ signal: AbortSignal.abort(7) }), (reason) => reason === 7);
    await video.close();
    await rejection(video.saveIndex(), "E_CLOSED");
  });

  test("leads over HTTP to the frames too, past most of the file", async () => {
    const server = await RangeServer.start();
    const path = files["matroska without cues"]();
    const address = server.serve({ content: await fileContent(path) });
    const first = await pool.openVideo(address);
    const index = await first.saveIndex();
    const expected = digest(await first.getFramesAt([400]));
    await first.close();
    const before = server.traffic.bytes;
    const again = testPool({ workers: 1 });
    const video = await again.openVideo(address, { index });
    assert.equal(digest(await video.getFramesAt([400])), expected);
    const [bytes, size] = [server.traffic.bytes - before, statSync(path).size];
    assert.ok(bytes < size / 2, `${String(bytes)} of ${String(size)} bytes`);
    await server.close();
  });

  withSharedMedia(() => {
    for (const { name, path } of sharedVideos("real")) {
      test(`of ${name} gives the frames that the file's own gives, in any order`, async () => {
        const first = await pool.openVideo(path, { onError: "skip" });
        const frames = [first.length - 1, first.length >> 1, 0, Math.floor(first.length / 3)];
        const expected = digest(await first.getFramesAt(frames));
        const index = await first.saveIndex();
        const video = await pool.openVideo(path, { onError: "skip", index });
        assert.equal(digest(await video.getFramesAt(frames)), expected);
        assert.deepEqual(await video.saveIndex(), index);
        await Promise.all([first.close(), video.close()]);
      });
    }
  });

  test("that is damaged is refused, and one that was made up gives no other picture where its packets say enough", async () => {
    for (const path of [plainMkv(), toldByDecoding()]) {
      const first = await pool.openVideo(path);
      const index = await first.saveIndex();
      const truth = await first.getAllFrames();
      const byTime = new Map([...truth].map((frame) => [frame.ptsSeconds, md5(frame.data)]));
      let refused = 0;
      for (let at = bodyOf(index); at < index.length - 16; at++) {
        for (const by of [0x40, 1, 4, 255]) {
          const hostile = Uint8Array.from(index);
          hostile[at] = (index[at] ?? 0) + by;
          if (by < 0x40) resign(hostile);
          const code = await codeOf(path, hostile, (frame) => {
            assert.equal(md5(frame.data), byTime.get(frame.ptsSeconds), `${String(by)} at ${String(at)}`);
          });
          if (code === "E_INDEX") refused++;
          else assert.ok(by < 0x40, "a damaged one was taken");
        }
      }
      assert.ok(refused > 2 * index.length, `${String(refused)} were refused`);
    }
  });

  for (const hard of hardClips.filter(canMake)) {
    const { name, because } = hard;
    test(`of ${name} (${because}) gives the same frames; made up, nothing but frames and errors with codes`, async () => {
      const path = hard.path();
      const first = await pool.openVideo(path, { onError: "skip" });
      const index = await first.saveIndex();
      const frames = [first.length - 1, first.length >> 1, 0, Math.floor(first.length / 3)];
      const expected = digest(await first.getFramesAt(frames));
      const video = await pool.openVideo(path, { onError: "skip", index });
      assert.equal(digest(await video.getFramesAt(frames)), expected);
      await Promise.all([first.close(), video.close()]);
      for (const hostile of madeUp(index, 25)) {
        await codeOf(path, hostile, () => undefined);
      }
    });
  }
});

/** HEVC whose pictures' order only decoding tells. */
const toldByDecoding = (): string =>
  clip("told-by-decoding.mkv", [
    ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "50"],
    ...["-c:v", "libx265", "-x265-params", "keyint=12:log-level=none:pools=none:frame-threads=1"],
  ]);

const md5 = (data: Uint8Array): string => createHash("md5").update(data).digest("hex");

/** Where what the worker made begins: behind the file's version and size. */
const bodyOf = (index: Uint8Array): number => 15 + new DataView(index.buffer, index.byteOffset).getUint16(5, true);

/** Whole indices with a byte or a few that are others. */
function* madeUp(index: Uint8Array, rounds: number): Generator<Uint8Array> {
  let seed = 1;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const body = bodyOf(index);
  for (let round = 0; round < rounds; round++) {
    const hostile = Uint8Array.from(index);
    for (let i = random(3); i >= 0; i--) hostile[body + random(hostile.length - 16 - body)] = random(256);
    resign(hostile);
    yield hostile;
  }
}

/** Of what opening with the index and decoding two frames fails with, if anything. */
async function codeOf(
  path: string,
  index: Uint8Array,
  see: (frame: Frame<"uint8">) => void,
): Promise<string | undefined> {
  try {
    await using video = await pool.openVideo(path, { index });
    for (const frame of await video.getFramesAt([0, video.length >> 1])) see(frame);
    return undefined;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    const { code } = error as { code?: string };
    assert.ok(["E_INDEX", "E_DECODE", "E_LIMIT", "E_FRAME_SIZE"].includes(code ?? ""), String(error));
    return code;
  }
}

/** Makes the checksum right again. */
function resign(index: Uint8Array): void {
  const end = index.length - 16;
  index.set(createHash("sha256").update(index.subarray(0, end)).digest().subarray(0, 16), end);
}

describe("frame mappings of ffprobe", () => {
  const mappings = (path: string): string =>
    ffprobe([
      ...[
        "-select_streams",
        "v:0",
        "-show_frames",
        "-show_entries",
        "frame=pts,pkt_pts,duration,pkt_duration,key_frame",
      ],
      ...["-of", "json", path],
    ]);

  for (const name of ["matroska", "a transport stream", "mp4"] as const) {
    test(`number and time the frames of ${name}, which is not read through`, async () => {
      const path = files[name]();
      const exact = await VideoDecoder.open(path);
      const source = new Counted(path, `mapped ${name}`);
      const video = await pool.openVideo(source, { index: mappings(path) });
      assert.ok(source.asked < 3 * 2 ** 20 || name === "mp4", String(source.asked));
      assert.equal(video.length, exact.length);
      assert.deepEqual(await video.keyFrameIndices(), await exact.keyFrameIndices());
      const frames = [301, 2, 599, 300, 2];
      const [expected, given] = [await exact.getFramesAt(frames), await video.getFramesAt(frames)];
      assert.deepEqual(given.ptsSeconds, expected.ptsSeconds);
      assert.equal(digest(given), digest(expected));
      assert.equal((await video.getFramePlayedAt(7.01)).index, (await exact.getFramePlayedAt(7.01)).index);
      await rejection(video.saveIndex(), "E_METADATA");
      await Promise.all([exact.close(), video.close()]);
    });
  }

  test("that do not fit are E_INDEX", async () => {
    const path = plainMkv();
    const right = JSON.parse(mappings(path)) as { frames: { pts: number; key_frame: number }[] };
    const moved = { frames: right.frames.map((frame) => ({ ...frame, pts: frame.pts + 5 })) };
    const video = await pool.openVideo(path, { index: JSON.stringify(moved) });
    await rejection(video.getFrameAt(20), "E_INDEX");
    const [one] = right.frames;
    for (const wrong of ["{", "{}", '{"frames":[]}', '{"frames":[{}]}', JSON.stringify({ frames: [one, one] })]) {
      await rejection(pool.openVideo(path, { index: wrong }), "E_INDEX");
    }
  });
});
