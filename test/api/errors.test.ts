import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type ErrorCode, FramepoolError, type VideoDecoderOptions } from "../../src/index.js";
import { withUnknownCodec } from "./support/avi.js";
import { manyStreams, plain, plainMkv, raw, sound, withoutDuration } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const folder = temporaryFolder();
const pool = testPool();

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Case {
  readonly what: string;
  readonly code: ErrorCode;
  readonly message: RegExp;
  readonly path: () => string;
  readonly options?: VideoDecoderOptions;
}

const text = "Once upon a time there was a file that was no video at all.\n".repeat(50);
const otherVideo = plain.path();

function loop(): string {
  const path = join(folder, "loop.mp4");
  symlinkSync(path, path);
  return path;
}

function endingAt(hex: string, path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes.subarray(0, bytes.indexOf(hex, 0, "hex") + 20);
}

const cases: readonly Case[] = [
  {
    what: "no such file",
    code: "E_NOT_FOUND",
    message: /nowhere\.mp4: no such file$/,
    path: () => join(folder, "nowhere.mp4"),
  },
  { what: "a file as folder", code: "E_NOT_FOUND", message: /no such file$/, path: () => join(otherVideo, "x.mp4") },
  { what: "a directory", code: "E_NOT_A_FILE", message: /: it is a directory$/, path: () => folder },
  { what: "a device", code: "E_NOT_A_FILE", message: /: it is not a regular file$/, path: () => "/dev/null" },
  {
    what: "a pipe that nobody writes to",
    code: "E_NOT_A_FILE",
    message: /pipe: it is not a regular file$/,
    path: () => {
      execFileSync("mkfifo", [join(folder, "pipe")]);
      return join(folder, "pipe");
    },
  },
  { what: "a link to itself", code: "E_IO", message: /loop\.mp4: cannot open it: .*/, path: loop },
  {
    what: "a name that is too long",
    code: "E_IO",
    message: /cannot open it: /,
    path: () => join(folder, "x".repeat(300)),
  },
  {
    what: "an empty file",
    code: "E_UNSUPPORTED_FORMAT",
    message: /empty\.mp4: .*empty/,
    path: () => file("empty.mp4", ""),
  },
  { what: "text", code: "E_UNSUPPORTED_FORMAT", message: /text\.mp4: .*text/, path: () => file("text.mp4", text) },
  {
    what: "zeros",
    code: "E_UNSUPPORTED_FORMAT",
    message: /zeros\.mp4: /,
    path: () => file("zeros.mp4", new Uint8Array(100_000)),
  },
  {
    what: "an HLS playlist of a good video",
    code: "E_UNSUPPORTED_FORMAT",
    message: /hls\.mp4: /,
    path: () => file("hls.mp4", `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${otherVideo}\n#EXT-X-ENDLIST\n`),
  },
  {
    what: "a list of good videos",
    code: "E_UNSUPPORTED_FORMAT",
    message: /concat\.mp4: /,
    path: () => file("concat.mp4", `ffconcat version 1.0\nfile '${otherVideo}'\n`),
  },
  {
    what: "a DASH manifest",
    code: "E_UNSUPPORTED_FORMAT",
    message: /dash\.mp4: /,
    path: () =>
      file(
        "dash.mp4",
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>file://${otherVideo}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      ),
  },
  {
    what: "an MP4 without its sample tables",
    code: "E_INVALID_DATA",
    message: /cut\.mp4: the mov,mp4,\S+ container cannot be read: Invalid data/,
    path: () => {
      const bytes = readFileSync(plain.path());
      return file("cut.mp4", bytes.subarray(0, bytes.indexOf("moov") - 8));
    },
  },
  { what: "sound only", code: "E_NO_STREAM", message: /sound\.wav: there is no video stream/, path: sound },
  {
    what: "a streamIndex that is sound",
    code: "E_NO_STREAM",
    message: /stream 0 is not a video stream$/,
    path: manyStreams,
    options: { streamIndex: 0 },
  },
  {
    what: "a streamIndex that does not exist",
    code: "E_NO_STREAM",
    message: /stream.* 7/,
    path: manyStreams,
    options: { streamIndex: 7 },
  },
  {
    what: "pictures of an unknown codec",
    code: "E_UNSUPPORTED_CODEC",
    message: /unknown-codec\.avi: its codec is unknown to this FFmpeg, tag Q\[63\]Q\[63\]$/,
    path: () => file("unknown-codec.avi", withUnknownCodec(raw.path())),
  },
  {
    what: "a stream without frames",
    code: "E_INVALID_DATA",
    message: /frameless\.mkv: the video stream has no frames$/,
    // The first cluster of packets begins, and there it ends.
    path: () => file("frameless.mkv", endingAt("1f43b675", plainMkv())),
  },
  {
    what: "no duration in approximate mode",
    code: "E_METADATA",
    message: /live\.mkv: .*seekMode "exact"$/,
    path: withoutDuration,
    options: { seekMode: "approximate" },
  },
];

describe("what opening says of what it cannot open", () => {
  for (const { what, code, message, path, options } of cases) {
    it(`${what}: ${code}`, async () => {
      const source = path();
      const error = await rejection(pool.openVideo(source, options), code);
      assert.match(error.message, message);
      assert.equal(error.source, source);
      assert.equal(error.message, `${source}: ${error.reason}`);
      assert.ok(!error.message.includes("\n"));
      if (options?.seekMode !== undefined) return;
      const [result] = await collect(pool.extract([{ source, count: 1 }], options));
      assert.ok(result?.error instanceof FramepoolError);
      assert.equal(result.error.code, code, "in bulk it is the same");
      assert.match(result.error.message, message);
    });
  }

  it("the pool works afterwards", async () => {
    const video = await pool.openVideo(plain.path());
    assert.equal((await video.getFrameAt(3)).index, 3);
  });

  it("bytes in memory are named by what they are", async () => {
    const error = await rejection(pool.openVideo(new TextEncoder().encode(text)), "E_UNSUPPORTED_FORMAT");
    assert.match(error.message, new RegExp(`^${text.length} bytes in memory: `));
    await rejection(pool.openVideo(new Uint8Array(0)), "E_UNSUPPORTED_FORMAT");
  });
});
