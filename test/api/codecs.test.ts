import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { FramepoolError, FramepoolTypeError } from "../../src/index.js";
import { clip, ffmpeg } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";

const pool = testPool();
const folder = temporaryFolder();

const magic = (): string =>
  clip("magic.avi", ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10", "-frames:v", "3", "-c:v", "magicyuv"]);

/** A WAV file whose codec is one of an early game maker's, with noise for its blocks. */
function gamesSound(): string {
  const block = 256;
  const data = Buffer.alloc(block * 40);
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 2_654_435_761) >>> 24;
  // A block begins with a sample and a step, which is a small number.
  for (let at = 0; at < data.length; at += block) data.writeInt16LE(20, at + 2);
  const header = Buffer.alloc(48);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(40 + data.length, 4);
  header.write("WAVEfmt ", 8, "latin1");
  header.writeUInt32LE(20, 16);
  const dialogicImaDk4 = 0x61;
  header.writeUInt16LE(dialogicImaDk4, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(4000, 28);
  header.writeUInt16LE(block, 32);
  header.writeUInt16LE(4, 34);
  header.writeUInt16LE(2, 36);
  header.write("data", 40, "latin1");
  header.writeUInt32LE(data.length, 44);
  const path = join(folder, "game.wav");
  writeFileSync(path, Buffer.concat([header, data]));
  return path;
}

describe("codecs that hardly anybody means to decode", () => {
  it("are refused, and the error says how to ask for them", async () => {
    const error = await rejection(pool.openVideo(magic()), "E_UNSUPPORTED_CODEC");
    assert.match(error.message, /its codec magicyuv .* codecs: \["magicyuv"\]/);
    const sound = await rejection(pool.openAudio(gamesSound()), "E_UNSUPPORTED_CODEC");
    assert.match(sound.message, /codecs: \["adpcm_ima_dk4"\]/);
    for await (const result of pool.extract([{ source: magic(), count: 1 }])) {
      assert.ok(result.error instanceof FramepoolError);
      assert.equal(result.error.code, "E_UNSUPPORTED_CODEC");
    }
  });

  it("are decoded as FFmpeg does when they are asked for, whatever the same pool did before", async () => {
    const expected = ffmpeg(["-i", magic(), "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]);
    for (const codecs of [["magicyuv"], ["zmbv", "magicyuv"]]) {
      await rejection(pool.openVideo(magic(), { codecs: ["zmbv"] }), "E_UNSUPPORTED_CODEC");
      const video = await pool.openVideo(magic(), { codecs });
      assert.deepEqual(Buffer.from((await video.getAllFrames()).data), expected);
      await video.close();
    }
    for await (const { batch } of pool.extract([{ source: magic(), indices: [0] }], { codecs: ["magicyuv"] })) {
      assert.deepEqual(Buffer.from(batch?.data ?? []), expected.subarray(0, 96 * 64 * 3));
    }
    const audio = await pool.openAudio(gamesSound(), { codecs: ["adpcm_ima_dk4"] });
    const { data } = await audio.getAllSamples();
    const sound = ffmpeg(["-i", gamesSound(), "-f", "f32le", "-"]);
    assert.deepEqual(Buffer.from(data.buffer, data.byteOffset, data.byteLength), sound);
  });

  it("are asked for by their names, in a list", async () => {
    for (const codecs of ["magicyuv", ["h264,magicyuv"], ["MagicYUV"], [1], {}]) {
      const open = pool.openVideo(magic(), { codecs: codecs as string[] });
      await assert.rejects(
        open,
        (error) => error instanceof FramepoolTypeError && /options\.codecs/.test(error.message),
      );
      const sound = pool.openAudio(magic(), { codecs: codecs as string[] });
      await assert.rejects(sound, /options\.codecs/);
    }
  });
});
