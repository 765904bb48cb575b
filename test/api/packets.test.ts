import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openAsBlob, readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { describe, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import {
  type EncodedPacket,
  type PacketMetadata,
  type PacketsOptions,
  type VideoDecoder,
  connect,
  expose,
} from "../../src/index.js";
import { fileContent } from "../support/content.js";
import { RangeServer } from "../support/range-server.js";
import { plain, plainMkv, unreferencedMkv, withoutDuration } from "./support/clips.js";
import { clip, ffmpeg, ffprobe } from "./support/ffmpeg.js";
import { canMake, hardClips } from "./support/hard-clips.js";
import { rejection, testPool } from "./support/pool.js";
import { sharedVideos, withSharedMedia } from "./support/shared-media.js";
import { isCommandsVersion } from "./support/version.js";

const pool = testPool();

interface Probed {
  readonly pts?: number;
  readonly dts?: number;
  readonly duration?: number;
  readonly size: string;
  readonly flags: string;
  readonly data_hash: string;
}

/** Of the stream that is decoded. */
function probed(path: string, streamIndex: number): readonly Probed[] {
  const entries = ["-show_entries", "packet=pts,dts,duration,size,flags,data_hash", "-show_data_hash", "md5"];
  const out = ffprobe(["-select_streams", String(streamIndex), "-show_packets", ...entries, "-of", "json", path]);
  return (JSON.parse(out) as { readonly packets: readonly Probed[] }).packets;
}

const md5 = (data: Uint8Array): string => createHash("md5").update(data).digest("hex");

async function listed(
  video: VideoDecoder,
  options: PacketsOptions & { readonly metadataOnly?: false } = {},
): Promise<EncodedPacket[]> {
  const packets: EncodedPacket[] = [];
  for await (const packet of video.packets(options)) packets.push(packet);
  return packets;
}

const numbersOf = (packets: readonly EncodedPacket[]): number[] => packets.map(({ index }) => index);

interface Row {
  readonly hash: string;
  readonly size: number;
  readonly pts: bigint | null;
  readonly dts: bigint | null;
  readonly duration: bigint;
}

/** What all versions of FFmpeg tell alike; docs/prebuilt.md has what they do not. */
function ofEveryVersion(rows: readonly Row[], path: string, codec: string): readonly Partial<Row>[] {
  const isHevcInTs = path.endsWith(".ts") && codec === "hevc";
  return rows.map(({ hash, size, pts, dts, duration }, i) => {
    const isLast = i === rows.length - 1;
    const hasTrailer = isLast && path.endsWith(".gif");
    return {
      ...(isHevcInTs || hasTrailer ? {} : { hash, size }),
      ...{ pts, dts },
      ...(isLast && /\.(mp4|mov)$/.test(path) ? {} : { duration }),
    };
  });
}

/** Packets one after the other, without what versions leave to either end: zeros between HEVC's units, a GIF's trailer. */
function joined(packets: Uint8Array, path: string): Buffer {
  const isLeftOut = (byte: number): boolean => byte === (path.endsWith(".gif") ? 0x3b : 0);
  const [start, last] = [
    packets.findIndex((byte) => !isLeftOut(byte)),
    packets.findLastIndex((byte) => !isLeftOut(byte)),
  ];
  return Buffer.from(packets.subarray(start, last + 1));
}

/** They are those of ffprobe, bytes and times. */
async function sameAsProbed(path: string): Promise<void> {
  const video = await pool.openVideo(path, { onError: "skip" });
  const packets = await listed(video);
  const { streamIndex, codec } = video.metadata;
  const expected = probed(path, streamIndex);
  // Matroska has no decoding times: ffprobe's are a guess of FFmpeg's.
  const hasDts = !/\.(mkv|webm)$/.test(path);
  const time = (ticks: number | undefined): bigint | null => (ticks === undefined ? null : BigInt(ticks));
  assert.deepEqual(numbersOf(packets), [...packets.keys()]);
  const rows = packets.map(({ index, data, size, pts, dts, duration }) => ({
    ...{ hash: md5(data), size, pts, dts: hasDts ? dts : null },
    // Headers that are not looked into by ffprobe say it too.
    duration: expected[index]?.duration === undefined ? 0n : duration,
  }));
  const wanted = expected.map(({ data_hash, size, pts, dts, duration = 0 }) => ({
    ...{ hash: data_hash.replace(/^md5:/i, ""), size: Number(size), pts: time(pts) },
    ...{ dts: hasDts ? time(dts) : null, duration: BigInt(duration) },
  }));
  if (isCommandsVersion) assert.deepEqual(rows, wanted);
  else {
    assert.deepEqual(ofEveryVersion(rows, path, codec), ofEveryVersion(wanted, path, codec));
    const copy = ["-map", `0:${String(streamIndex)}`, "-c", "copy", "-copyinkf", "-f", "data", "-"];
    assert.ok(
      joined(Buffer.concat(packets.map(({ data }) => data)), path).equals(joined(ffmpeg(["-i", path, ...copy]), path)),
    );
  }
  for (const [i, { pts, dts }] of hasDts ? [] : packets.entries()) {
    if (pts === null || dts === null) assert.fail(`packet ${String(i)} has no time`);
    assert.ok(dts <= pts && (i === 0 || dts >= (packets[i - 1]?.dts ?? dts)), `packet ${String(i)}`);
  }
  const known: PacketMetadata[] = [];
  for await (const packet of video.packets({ metadataOnly: true })) known.push(packet);
  assert.deepEqual(
    known,
    packets.map(({ index, frameIndex, size, key, pts, dts, ptsSeconds, dtsSeconds }) => ({
      ...{ index, frameIndex, size, key, pts, dts, ptsSeconds, dtsSeconds },
    })),
  );
  await video.close();
}

describe("packets", () => {
  const muxed = (name: string, ...output: string[]): string =>
    clip(name, [...["-i", plainMkv()], ...(output.length > 0 ? output : ["-c", "copy"])]);
  const files = {
    mp4: plain.path,
    matroska: plainMkv,
    "matroska without cues": withoutDuration,
    avi: () => muxed("plain.avi"),
    "a transport stream": () => clip("plain.ts", ["-i", unreferencedMkv(), "-c", "copy"]),
    flv: () => muxed("plain.flv", "-c:v", "flv", "-g", "12"),
    "an elementary stream": () => clip("plain.m2v", ["-i", unreferencedMkv(), "-c", "copy"]),
  };
  for (const [name, path] of Object.entries(files)) {
    test(`of ${name} are ffprobe's, whichever are asked for`, async () => {
      await sameAsProbed(path());
      const video = await pool.openVideo(path());
      const all = await listed(video);
      for (const frame of [video.length - 1, video.length >> 1, 13, 0]) {
        const some = await listed(video, { start: frame, stop: frame + 1 });
        const first = some[0] ?? assert.fail("none");
        const last = some.at(-1) ?? assert.fail("none");
        assert.ok(first.key && some.some(({ frameIndex }) => frameIndex === frame));
        assert.deepEqual(some, all.slice(first.index, last.index + 1));
        // After reading, frames are what they were.
        assert.equal((await video.getFrameAt(frame)).index, frame);
      }
      await video.close();
    });
  }

  for (const hard of hardClips.filter(canMake)) {
    test(`of ${hard.name} (${hard.because}) are ffprobe's`, async () => {
      await sameAsProbed(hard.path());
    });
  }
  withSharedMedia(() => {
    for (const { name, path } of sharedVideos("real")) {
      test(`of ${name} are ffprobe's`, async () => {
        await sameAsProbed(path);
      });
    }
  });

  test("keyFramesOnly gives those at which decoding can begin, and the others are not read", async () => {
    const video = await pool.openVideo(plain.path());
    const keys = await listed(video, { keyFramesOnly: true });
    assert.deepEqual(
      Int32Array.from(keys, ({ frameIndex }) => frameIndex ?? -1),
      await video.keyFrameIndices(),
    );
    assert.deepEqual(
      keys,
      (await listed(video)).filter(({ key }) => key),
    );
    const known: number[] = [];
    for await (const { index } of video.packets({ keyFramesOnly: true, metadataOnly: true })) known.push(index);
    assert.deepEqual(known, numbersOf(keys));
    const some = await listed(video, { keyFramesOnly: true, range: { startSeconds: 0.6, stopSeconds: 1.2 } });
    assert.deepEqual(
      some.map(({ ptsSeconds }) => ptsSeconds),
      [0.48, 0.96],
    );
    await video.close();
  });

  test("take any selection of frames: what decoding them takes, each packet once", async () => {
    const video = await pool.openVideo(plain.path());
    const [a, b] = [await listed(video, { start: 25, stop: 26 }), await listed(video, { start: 2, stop: 3 })];
    assert.deepEqual(numbersOf(await listed(video, { indices: [25, 2, 25] })), [...numbersOf(b), ...numbersOf(a)]);
    assert.deepEqual(numbersOf(await listed(video, { start: 3, stop: 3 })), []);
    assert.deepEqual(numbersOf(await listed(video, { start: -1 })).at(-1), 49);
    await video.close();
  });

  test("come from every source, and over a connected pool", async () => {
    const path = plainMkv();
    const bytes = readFileSync(path);
    const direct = await pool.openVideo(path);
    const expected = await listed(direct);
    const server = await RangeServer.start();
    const { port1, port2 } = new MessageChannel();
    const exposure = expose(pool, port1);
    const far = connect(port2);
    const handle = await open(path);
    const object = {
      size: bytes.length,
      read: (position: number, length: number): Uint8Array => bytes.subarray(position, position + length),
    };
    for (const on of [pool, far]) {
      const sources = [bytes, object, await openAsBlob(path), server.serve({ content: await fileContent(path) })];
      for (const source of [path, ...sources, ...(on === pool ? [handle] : [])]) {
        const video = await on.openVideo(source);
        assert.deepEqual(await listed(video), expected);
        await video.close();
      }
    }
    await far.close();
    exposure.close();
    await handle.close();
    await server.close();
  });

  test("are read ahead in bounded memory, and no further when the loop is left", async () => {
    const path = clip("large-packets.mkv", [
      ...["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25,noise=alls=60:allf=t", "-frames:v", "400"],
      ...["-c:v", "mjpeg", "-q:v", "2"],
    ]);
    const size = statSync(path).size;
    let asked = 0;
    const bytes = readFileSync(path);
    const own = testPool({ workers: 1 });
    const direct = await own.openVideo(path);
    const index = await direct.saveIndex();
    const video = await own.openVideo(
      {
        size,
        read(position: number, length: number) {
          asked += length;
          return bytes.subarray(position, position + length);
        },
      },
      { index },
    );
    const before = asked;
    let known = 0;
    for await (const packet of video.packets({ metadataOnly: true })) known += packet.size;
    assert.ok(known > size / 2 && known < size && asked === before, "what the index knows is not read");
    for await (const packet of video.packets()) {
      assert.equal(packet.index, 0);
      break;
    }
    assert.ok(asked < size / 2 && asked > 0, `${String(asked)} of ${String(size)} bytes`);
    const stop = new AbortController();
    const reason = new Error("enough");
    await assert.rejects(
      async () => {
        for await (const { index: at } of video.packets({ signal: stop.signal })) if (at === 3) stop.abort(reason);
      },
      (error) => error === reason,
    );
    await assert.rejects(
      async () => {
        for await (const { index: at } of video.packets()) if (at === 3) void video.close();
      },
      { code: "E_CLOSED" },
    );
    await rejection(video.packets().next(), "E_CLOSED");
    await rejection(video.packets({ metadataOnly: true }).next(), "E_CLOSED");
  });

  test("need an index of packets, and options that make sense", async () => {
    const approximate = await pool.openVideo(plainMkv(), { seekMode: "approximate" });
    assert.throws(() => approximate.packets(), { code: "E_METADATA" });
    const video = await pool.openVideo(plain.path());
    for (const wrong of [
      { keyFramesOnly: 1 },
      { metadataOnly: 1 },
      { from: 3 },
      { start: 1.5 },
      { start: 1, count: 2 },
    ]) {
      assert.throws(() => video.packets(wrong as PacketsOptions), { code: "E_ARGUMENT" });
    }
    assert.throws(() => video.packets({ indices: [50] }), { code: "E_OUT_OF_RANGE" });
  });
});
