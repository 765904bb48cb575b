// Where some of a transport stream is lost, which its packets' counters tell: HEVC's decoder says nothing of it, nor do those
// of MPEG-1, MPEG-2 and MPEG-4 where whole pictures are.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { AudioDecoderOptions, AudioSamples, VideoDecoderOptions } from "../../src/index.js";
import { cached, canEncode, clip } from "./support/ffmpeg.js";
import { pattern, x264, x265 } from "./support/hard-clip.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";
import { type TransportPacket, transportPackets } from "./support/transport.js";

const pool = testPool({ workers: 1 });
const frames = 50;

interface Stream {
  readonly name: string;
  readonly encoder: string;
  readonly how: readonly string[];
  readonly stride?: 192;
}

const mpeg = (encoder: string): string[] => ["-c:v", encoder, "-q:v", "3", "-g", "15", "-bf", "2"];
const streams: readonly Stream[] = [
  { name: "HEVC", encoder: "libx265", how: x265("keyint=15:min-keyint=15:scenecut=0:bframes=2:open-gop=0") },
  { name: "HEVC, open groups", encoder: "libx265", how: x265("keyint=15:min-keyint=15:scenecut=0:bframes=2") },
  { name: "H.264", encoder: "libx264", how: x264(15, 2, "scenecut=0") },
  { name: "H.264, open groups, numbered up to 15", encoder: "libx264", how: x264(15, 2, "scenecut=0:open-gop=1") },
  { name: "MPEG-1", encoder: "mpeg1video", how: mpeg("mpeg1video") },
  { name: "MPEG-2", encoder: "mpeg2video", how: mpeg("mpeg2video") },
  {
    name: "MPEG-2, as on Blu-ray",
    encoder: "mpeg2video",
    how: [...mpeg("mpeg2video"), "-mpegts_m2ts_mode", "1"],
    stride: 192,
  },
  { name: "MPEG-4", encoder: "mpeg4", how: mpeg("mpeg4") },
];

type Loss = (packets: readonly TransportPacket[], at: number) => readonly Buffer[];

const without = (packets: readonly TransportPacket[], lost: (packet: TransportPacket, place: number) => boolean) =>
  packets.filter((packet, place) => packet.picture === null || !lost(packet, place)).map(({ bytes }) => bytes);

/** What is lost of the picture at `at` in the order of the packets, or from there on. */
const losses: Readonly<Record<string, Loss>> = {
  "a packet": (packets, at) => {
    const first = packets.findIndex(({ picture, begins }) => picture === at && begins);
    return without(packets, (_, place) => place === first + 1);
  },
  "the end of a picture, the next one, and the begin of a third": (packets, at) =>
    without(
      packets,
      ({ picture, begins }) => (picture === at && !begins) || picture === at + 1 || (picture === at + 2 && begins),
    ),
  "a whole picture": (packets, at) => without(packets, ({ picture }) => picture === at),
  "some bytes of a packet": (packets, at) => {
    const last = packets.findLastIndex(({ picture }) => picture === at);
    return packets.map(({ bytes }, place) => (place === last ? bytes.subarray(0, 150) : bytes));
  },
};

/** By frame: what it is and how it looks; "none" of those that stay away. */
async function inTurn(path: string, options: VideoDecoderOptions): Promise<string[]> {
  const video = await pool.openVideo(path, { pixelFormat: "native", onError: "skip", ...options });
  const pictures = range(0, video.length).map(() => "none");
  for await (const frame of video.frames()) {
    pictures[frame.index] = `${frame.status} ${digest(frame)}`;
    frame.release();
  }
  await video.close();
  return pictures;
}

async function oneByOne(path: string, order: readonly number[], options: VideoDecoderOptions): Promise<string[]> {
  const video = await pool.openVideo(path, { pixelFormat: "native", ...options });
  const pictures: string[] = [];
  for (const index of order) {
    const frame = await video.getFrameAt(index).catch(() => null);
    pictures[index] = frame === null ? "none" : `${frame.status} ${digest(frame)}`;
    frame?.release();
  }
  await video.close();
  return pictures;
}

const isOk = (picture: string): boolean => picture.startsWith("ok ");

describe("pictures of a transport stream of which something is lost, and what refers to them", () => {
  for (const stream of streams) {
    for (const [what, lose] of Object.entries(losses)) {
      const { name, encoder } = stream;
      it(`${name}, ${what}: those that are ok are whole, in any order`, { skip: !canEncode(encoder) }, () =>
        check(stream, what, lose),
      );
    }
  }
});

async function check({ name, how, stride }: Stream, what: string, lose: Loss): Promise<void> {
  const whole = clip(stride === 192 ? "whole.m2ts" : "whole.ts", [...pattern(frames, "320x240"), ...how]);
  const packets = transportPackets(whole, stride);
  const right = new Set(await inTurn(whole, {}));
  assert.equal(right.size, frames);
  for (const at of [17, 23, 32]) {
    // The counters count to 16.
    const lost = lose(packets, at);
    if (lost.length < packets.length && (packets.length - lost.length) % 16 === 0) continue;
    const path = cached("lost.ts", [whole, what, String(at)], (to) => writeFileSync(to, Buffer.concat(lost)));
    const which = `${name}, of picture ${String(at)}`;
    const linear = await inTurn(path, {});
    const ok = linear.filter(isOk);
    assert.deepEqual(
      ok.filter((picture) => !right.has(picture)),
      [],
      which,
    );
    assert.ok(ok.length >= 15 && ok.length < frames, `${which}: ${String(ok.length)} are ok`);
    const approximate = await inTurn(path, { seekMode: "approximate" });
    assert.deepEqual(
      approximate.filter((picture) => isOk(picture) && !right.has(picture)),
      [],
      `${which}, approximate`,
    );
    const order = range(0, linear.length);
    assert.deepEqual(await oneByOne(path, shuffled(order), {}), linear, which);
    assert.deepEqual(await oneByOne(path, order.toReversed(), { threadsPerWorker: 2 }), linear, which);
  }
}

describe("sound of a transport stream of which something is lost", () => {
  for (const encoder of ["aac", "mp2", "ac3", "libopus"]) {
    it(
      `${encoder}: cannot be decoded, or is left out and counted, and what follows lies where it did`,
      { skip: !canEncode(encoder) },
      async () => {
        const noise = ["-f", "lavfi", "-i", "anoisesrc=d=6:c=pink:r=48000:a=0.3:seed=1"];
        const whole = clip(`${encoder}.ts`, [...noise, "-ac", "1", "-c:a", encoder, "-b:a", "192k"]);
        const packets = transportPackets(whole);
        const right = await soundOf(whole, {});
        const inside = range(200, packets.length - 200).filter((place) => packets[place]?.picture !== null);
        for (const lost of inside.filter((_, index) => index % 67 === 0)) {
          const path = cached("lost-sound.ts", [whole, String(lost)], (to) =>
            writeFileSync(to, Buffer.concat(without(packets, (_, place) => place === lost))),
          );
          const strict = await pool.openAudio(path);
          await assert.rejects(strict.getAllSamples(), { code: "E_DECODE" }, `packet ${String(lost)}`);
          await strict.close();
          const filled = await soundOf(path, { onError: "skip", fillGaps: true });
          assert.ok(filled.skippedSeconds > 0 && filled.skippedSeconds < 0.6, `packet ${String(lost)}`);
          assert.equal(filled.data.length, right.data.length, `packet ${String(lost)}`);
        }
      },
    );
  }
});

async function soundOf(path: string, options: AudioDecoderOptions): Promise<AudioSamples> {
  const audio = await pool.openAudio(path, options);
  const samples = await audio.getAllSamples();
  await audio.close();
  return samples;
}

describe("transport streams joined by their bytes", () => {
  it("are whole where their parts are, whatever their counters say", { skip: !canEncode("libx264") }, async () => {
    const parts = range(20, 40).map((count) => clip("part.ts", [...pattern(count, "320x240"), ...x264(10, 2, "")]));
    const ends = (path: string): boolean =>
      transportPackets(path).findLast(({ picture }) => picture !== null)?.filled ?? false;
    const counts = (path: string): boolean =>
      transportPackets(path).filter(({ picture }) => picture !== null).length % 16 !== 0;
    const part = parts.find((path) => ends(path) && counts(path));
    assert.ok(part !== undefined);
    const bytes = Buffer.concat(transportPackets(part).map((packet) => packet.bytes));
    const path = cached("joined.ts", [part], (to) => writeFileSync(to, Buffer.concat([bytes, bytes])));
    const once = await inTurn(part, {});
    assert.deepEqual(await inTurn(path, {}), [...once, ...once]);
    assert.ok(once.every(isOk));
  });
});
