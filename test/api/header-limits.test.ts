import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { plain } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { sounds } from "./support/sound.js";

const pool = testPool();
const many = 60_000_000;

const big = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const little = (value: number): Buffer => big(value).reverse();

describe("headers that promise more than the file can hold, or than the limits", () => {
  it("lists of key frames in a Flash video", async () => {
    const own = readFileSync(clip("keys.flv", ["-i", plain.path(), "-c:v", "flv", "-flvflags", "no_metadata"]));
    const name = (text: string): Buffer => Buffer.concat([big(text.length).subarray(2), Buffer.from(text)]);
    const withKeys = (count: number): Buffer => {
      const list = Buffer.concat([Buffer.of(10), big(count), Buffer.alloc(9)]);
      const lists = [name("filepositions"), list, name("times"), list, Buffer.of(0, 0, 9)];
      const keys = [name("keyframes"), Buffer.of(3), ...lists];
      const body = Buffer.concat([Buffer.of(2), name("onMetaData"), Buffer.of(8), big(1), ...keys, Buffer.of(0, 0, 9)]);
      const tag = Buffer.concat([Buffer.of(18), big(body.length).subarray(1), Buffer.alloc(7), body]);
      return Buffer.concat([own.subarray(0, 13), tag, big(tag.length), own.subarray(13)]);
    };
    await (await pool.openVideo(withKeys(1))).close();
    await rejection(pool.openVideo(withKeys(many)), "E_LIMIT");
  });

  it("a text in a WAV file", async () => {
    const own = readFileSync(sounds("text.wav", ["-c:a", "pcm_s16le"], { seconds: 1 }));
    const withText = (length: number): Buffer => {
      const text = Buffer.concat([Buffer.from("INFOINAM"), little(length), Buffer.from("abcd")]);
      const list = Buffer.concat([Buffer.from("LIST"), little(Math.max(text.length, 12 + length)), text]);
      return Buffer.concat([own.subarray(0, 36), list, own.subarray(36)]);
    };
    await (await pool.openAudio(withText(4))).close();
    await rejection(pool.openAudio(withText(many)), "E_LIMIT");
  });

  it("tracks of a Matroska file in which there is nothing", async () => {
    const own = readFileSync(clip("tracks.mkv", ["-i", plain.path(), "-c", "copy"]));
    // Not where the list of elements names it.
    const tracks = own.indexOf("1654ae6b", own.indexOf("1654ae6b", 0, "hex") + 4, "hex");
    const withTracks = (count: number): Buffer => {
      const size = Buffer.concat([Buffer.of(0x08, 0, 0, 0), big(2 * count)]);
      size[0] = 0x01;
      const none = Buffer.alloc(2 * count, Buffer.of(0xae, 0x80));
      const element = Buffer.concat([Buffer.from("1654ae6b", "hex"), size, none]);
      return Buffer.concat([own.subarray(0, tracks), element, own.subarray(tracks)]);
    };
    await rejection(pool.openVideo(withTracks(300_000)), "E_LIMIT");
  });

  it("tags in front of an MP3 file", async () => {
    const own = readFileSync(sounds("tags.mp3", ["-c:a", "libmp3lame", "-id3v2_version", "0"], { seconds: 1 }));
    const synchsafe = (value: number): Buffer =>
      Buffer.of((value >> 21) & 127, (value >> 14) & 127, (value >> 7) & 127, value & 127);
    const withTags = (count: number): Buffer => {
      const tag = (i: number): Buffer =>
        Buffer.concat([Buffer.from("TXXX"), synchsafe(9), Buffer.alloc(3), Buffer.from(`${String(100_000 + i)}\0y`)]);
      const tags = Buffer.concat(Array.from({ length: count }, (_, i) => tag(i)));
      return Buffer.concat([Buffer.from("ID3"), Buffer.of(4, 0, 0), synchsafe(tags.length), tags, own]);
    };
    await (await pool.openAudio(withTags(100))).close();
    await rejection(pool.openAudio(withTags(90_000)), "E_LIMIT");
  });

  it("programs of a transport stream, as it goes on", async () => {
    const own = readFileSync(clip("programs.ts", ["-i", plain.path(), "-c:v", "mpeg2video"]));
    const withPrograms = (count: number): Buffer => {
      const packets: Buffer[] = [];
      for (let first = 0; first < count; first += 40) packets.push(programTable(first, Math.min(40, count - first)));
      return Buffer.concat([own, ...packets]);
    };
    await (await pool.openVideo(withPrograms(200))).close();
    await rejection(pool.openVideo(withPrograms(60_000)), "E_LIMIT");
  });
});

/** A packet with a table of programs (ISO/IEC 13818-1, 2.4.4.3), whose numbers begin behind `first`. */
function programTable(first: number, count: number): Buffer {
  const section = Buffer.alloc(12 + 4 * count);
  section.set([0, 0xb0, section.length - 3, 0, 1, 0xc1, first / 40 / 2, 255]);
  for (let i = 0; i < count; i++) {
    section.writeUInt16BE(first + i + 2, 8 + 4 * i);
    section.writeUInt16BE(0xe000 | 0x1ff0, 10 + 4 * i);
  }
  let crc = 0xffffffff;
  for (const byte of section.subarray(0, -4)) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  section.writeInt32BE(crc | 0, section.length - 4);
  return Buffer.concat(
    [Buffer.of(0x47, 0x40, 0, 0x10 | ((first / 40) & 15), 0), section, Buffer.alloc(183, 0xff)],
    188,
  );
}

it("a recording that was not finished is not read through for its texts", async () => {
  const own = readFileSync(sounds("silence.wav", ["-af", "volume=0", "-c:a", "pcm_s16le"], { seconds: 60 }));
  const data = own.indexOf("data");
  own.writeUInt32LE(0, data + 4);
  let bytes = 0;
  const source = {
    size: own.length,
    read: (position: number, length: number) => {
      const part = own.subarray(position, position + length);
      bytes += part.length;
      return part;
    },
  };
  const audio = await pool.openAudio(source);
  const samples = await audio.getSamplesPlayedInRange(0, 1);
  assert.ok(samples.shape[1] > 0);
  await audio.close();
  assert.ok(bytes < own.length / 2, `${String(bytes)} of ${String(own.length)} bytes`);
});
