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
const list = (count: number, entry: (name: string, i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => entry(String(100_000 + i), i)));

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

  it("a Matroska file whose elements are nested without end", async () => {
    const own = readFileSync(clip("nested.mkv", ["-i", plain.path(), "-c", "copy"]));
    const segment = own.indexOf("18538067", 0, "hex");
    const nested = Buffer.alloc(1_000_000 * 5, Buffer.from("18538067ff", "hex"));
    await assert.rejects(pool.openVideo(Buffer.concat([own.subarray(0, segment), nested])), { code: "E_INVALID_DATA" });
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

describe("more tags than can be compared with each other", () => {
  const few = 100;
  const tooMany = 20_000;

  /** An element of Matroska's; its size takes four bytes. */
  const element = (id: string, ...contents: Buffer[]): Buffer => {
    const content = Buffer.concat(contents);
    return Buffer.concat([Buffer.from(id, "hex"), big(0x10000000 + content.length), content]);
  };
  const simpleTag = (name: string): Buffer =>
    element("67c8", element("45a3", Buffer.from(name)), element("4487", Buffer.from("y")));
  const matroskaTags = (count: number): Buffer => element("1254c367", element("7373", list(count, simpleTag)));

  it("in front of a Matroska file's media", async () => {
    const own = readFileSync(clip("tagged.mkv", ["-i", plain.path(), "-c", "copy"]));
    const tracks = own.indexOf("1654ae6b", own.indexOf("1654ae6b", 0, "hex") + 4, "hex");
    const withTags = (tags: Buffer): Buffer => Buffer.concat([own.subarray(0, tracks), tags, own.subarray(tracks)]);
    await (await pool.openVideo(withTags(matroskaTags(few)))).close();
    await rejection(pool.openVideo(withTags(matroskaTags(tooMany))), "E_LIMIT");
    const nested = element("1254c367", element("7373", element("67c8", list(tooMany, simpleTag))));
    await rejection(pool.openVideo(withTags(nested)), "E_LIMIT");
  });

  it("behind a Matroska file's media, where its list of elements names them", async () => {
    const own = readFileSync(clip("tagged.mkv", ["-i", plain.path(), "-c", "copy"]));
    const segment = own.indexOf("18538067", 0, "hex") + 12;
    const cues = own.indexOf("53ab841c53bb6b53ac", 0, "hex");
    const withTags = (count: number): Buffer => {
      const file = Buffer.concat([own, matroskaTags(count)]);
      file.writeBigUInt64BE(0x01ff_ffff_ffff_ffffn, segment - 8);
      file.write("1254c367", cues + 3, "hex");
      const bytes = (own[cues + 9] ?? 0) & 0x7f;
      file.writeUIntBE(own.length - segment, cues + 10, bytes);
      return file;
    };
    await (await pool.openVideo(withTags(few))).close();
    await rejection(pool.openVideo(withTags(tooMany)), "E_LIMIT");
  });

  const comments = (count: number): Buffer => {
    const comment = (name: string): Buffer => Buffer.concat([little(name.length + 2), Buffer.from(`${name}=y`)]);
    return Buffer.concat([little(1), Buffer.from("w"), little(count), list(count, comment)]);
  };

  it("in a FLAC file", async () => {
    const own = readFileSync(sounds("tags.flac", ["-c:a", "flac"], { seconds: 1 }));
    const withTags = (counts: number[], first = Buffer.alloc(0)): Buffer => {
      const blocks = counts.map(comments).map((tags) => Buffer.concat([big(0x04000000 + tags.length), tags]));
      return Buffer.concat([first, own.subarray(0, 42), ...blocks, own.subarray(42)]);
    };
    await (await pool.openAudio(withTags([few]))).close();
    await rejection(pool.openAudio(withTags([tooMany])), "E_LIMIT");
    await rejection(pool.openAudio(withTags([tooMany / 2, tooMany / 2])), "E_LIMIT");
    const id3 = Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, 0]);
    await rejection(pool.openAudio(withTags([tooMany], id3)), "E_LIMIT");
  });

  for (const [codec, prefix] of [
    ["libvorbis", "\x03vorbis"],
    ["libopus", "OpusTags"],
    ["flac", "\x84\0\0\0"],
  ] as const) {
    it(`in an Ogg file of ${codec}`, async () => {
      const own = readFileSync(sounds(`tags-${codec}.ogg`, ["-c:a", codec], { seconds: 1 }));
      const first = pageEnd(own, 0);
      const withTags = (count: number): Buffer => {
        const packet = Buffer.concat([Buffer.from(prefix, "latin1"), comments(count), Buffer.of(1)]);
        return Buffer.concat([own.subarray(0, first), ...pages(packet, own.readUInt32LE(14)), own.subarray(first)]);
      };
      if (codec === "flac") await (await pool.openAudio(withTags(few))).close();
      await rejection(pool.openAudio(withTags(tooMany)), "E_LIMIT");
    });
  }

  const box = (name: string, ...contents: Buffer[]): Buffer => {
    const content = Buffer.concat(contents);
    return Buffer.concat([big(8 + content.length), Buffer.from(name, "latin1"), content]);
  };
  const mp4With = (...userData: Buffer[]): Buffer => {
    const own = readFileSync(clip("tagged.mp4", ["-i", plain.path(), "-c", "copy"]));
    const moov = own.indexOf("moov") - 4;
    assert.equal(own.readUInt32BE(moov), own.length - moov);
    const file = Buffer.concat([own, box("udta", ...userData)]);
    file.writeUInt32BE(file.length - moov, moov);
    return file;
  };

  it("in an MP4's list of items", async () => {
    const item = (name: string): Buffer => {
      const mean = box("mean", big(0), Buffer.from("com.apple.iTunes"));
      return box("----", mean, box("name", big(0), Buffer.from(name)), box("data", big(1), big(0), Buffer.from("y")));
    };
    const withTags = (count: number, version: Buffer): Buffer => {
      const handler = box("hdlr", Buffer.alloc(8), Buffer.from("mdirappl"), Buffer.alloc(9));
      return mp4With(box("meta", version, handler, box("ilst", list(count, item))));
    };
    await (await pool.openVideo(withTags(few, big(0)))).close();
    await rejection(pool.openVideo(withTags(tooMany, big(0))), "E_LIMIT");
    await rejection(pool.openVideo(withTags(tooMany, Buffer.alloc(0))), "E_LIMIT");
  });

  it("in an MP4's user data, in many languages", async () => {
    const text = (_: string, i: number): Buffer => box("\xa9nam", Buffer.of(0, 1), big(0x0400 + i).subarray(2), big(0));
    await (await pool.openVideo(mp4With(list(few, text)))).close();
    await rejection(pool.openVideo(mp4With(list(tooMany, text))), "E_LIMIT");
  });
});

/** Where the Ogg page at a position ends. */
function pageEnd(file: Buffer, at: number): number {
  const sizes = file.subarray(at + 27, at + 27 + (file[at + 26] ?? 0));
  return at + 27 + sizes.length + sizes.reduce((sum, size) => sum + size, 0);
}

/** A packet as pages of an Ogg stream (RFC 3533, 6). */
function pages(packet: Buffer, stream: number): Buffer[] {
  const sizes = Buffer.alloc(Math.floor(packet.length / 255) + 1, 255);
  sizes[sizes.length - 1] = packet.length % 255;
  const made: Buffer[] = [];
  for (let first = 0; first < sizes.length; first += 255) {
    const part = sizes.subarray(first, first + 255);
    const head = Buffer.alloc(27);
    head.write("OggS");
    head[5] = first > 0 ? 1 : 0;
    head.writeUInt32LE(stream, 14);
    head.writeUInt32LE(1 + first / 255, 18);
    head[26] = part.length;
    const page = Buffer.concat([head, part, packet.subarray(255 * first, 255 * (first + part.length))]);
    page.writeInt32LE(checksum(page, 0), 22);
    made.push(page);
  }
  return made;
}

/** CRC-32 as MPEG and Ogg have it. */
function checksum(bytes: Buffer, begin: number): number {
  let crc = begin;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  }
  return crc | 0;
}

/** A packet with a table of programs (ISO/IEC 13818-1, 2.4.4.3), whose numbers begin behind `first`. */
function programTable(first: number, count: number): Buffer {
  const section = Buffer.alloc(12 + 4 * count);
  section.set([0, 0xb0, section.length - 3, 0, 1, 0xc1, first / 40 / 2, 255]);
  for (let i = 0; i < count; i++) {
    section.writeUInt16BE(first + i + 2, 8 + 4 * i);
    section.writeUInt16BE(0xe000 | 0x1ff0, 10 + 4 * i);
  }
  section.writeInt32BE(checksum(section.subarray(0, -4), 0xffffffff), section.length - 4);
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
