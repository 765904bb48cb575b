import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FrameStatus, OnError, VideoDecoder } from "../../src/index.js";
import { gap, intra, plain, plainMkv, withoutDuration } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { x265 } from "./support/hard-clip.js";
import { canMake, hardClips } from "./support/hard-clips.js";
import { keyFlagClips } from "./support/key-flag-clips.js";
import { longTermClips } from "./support/long-term-clips.js";
import { oddTimes } from "./support/odd-times.js";
import { digest, digests, streamDigests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { shuffled, range } from "./support/sequences.js";

describe("approximate mode", () => {
  const pool = testPool();
  const open = (path: string): Promise<VideoDecoder> => pool.openVideo(path, { seekMode: "approximate" });

  it("is exact where the header holds the index (MP4)", async () => {
    for (const path of [plain.path(), gap.path()]) {
      const [exact, approximate] = [await pool.openVideo(path), await open(path)];
      assert.deepEqual(approximate.metadata, exact.metadata);
      assert.deepEqual(await approximate.keyFrameIndices(), await exact.keyFrameIndices());
      const [a, b] = [await exact.getAllFrames(), await approximate.getAllFrames()];
      assert.deepEqual(digests(b), digests(a));
      assert.deepEqual(b.ptsSeconds, a.ptsSeconds);
    }
  });

  it("says of no frame that it is the one meant where which time is whose is guessed: H.264 in AVI", async () => {
    const clip = hardClips.find(({ name }) => name === "fields.avi");
    assert.ok(clip !== undefined && canMake(clip));
    for (const index of [1, 0, 5]) {
      const video = await open(clip.path());
      assert.equal((await video.getFrameAt(index)).status, "nearest");
      await video.close();
    }
  });

  /** Of frames asked for in several orders, how many are said to be those meant; each of them is. */
  async function countRight(path: string): Promise<{ right: number; all: number }> {
    const exact = await pool.openVideo(path);
    const pictures = new Set(Array.from(await exact.getAllFrames(), (frame) => `${digest(frame)} ${frame.ptsSeconds}`));
    let [right, all] = [0, 0];
    for (const order of [range(6, 20, 2), range(14, 20), shuffled(range(0, 20)).slice(0, 8)]) {
      const video = await open(path);
      const batch = await video.getFramesAt(order.slice(0, 3));
      for (const frame of [...batch, ...(await Promise.all(order.slice(3).map((at) => video.getFrameAt(at))))]) {
        all += 1;
        if (frame.status !== "ok") continue;
        right += 1;
        assert.ok(
          pictures.has(`${digest(frame)} ${frame.ptsSeconds}`),
          `frame ${frame.index} at ${frame.ptsSeconds} s`,
        );
      }
      await video.close();
    }
    await exact.close();
    return { right, all };
  }

  for (const clip of [...keyFlagClips, ...longTermClips].filter(canMake)) {
    it(`calls no other picture the one meant, ${clip.name}: ${clip.because}`, async () => {
      const { right, all } = await countRight(clip.path());
      assert.equal(right, all);
    });
  }

  const odd = (name: string): string | undefined =>
    oddTimes()
      .find((file) => file.name === name)
      ?.path();

  for (const name of [
    "times-inDecodingOrder-h264-2.mkv",
    "times-laced-hevc-2.mkv",
    "times-coarse-hevc-2.mkv",
    "times-mpeg2-2.asf",
  ]) {
    it(`says of no frame that it is the one meant where the times are not those of the pictures: ${name}`, async () => {
      const path = odd(name);
      if (path !== undefined) assert.equal((await countRight(path)).right, 0);
    });
  }

  it("has the times of the pictures also where, behind a seek, they come out in another order: HEVC in TS", async () => {
    if (!canEncode("libx265")) return;
    const path = clip("seeks-hevc.ts", [
      ...["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25", "-frames:v", "200"],
      ...x265("keyint=40:bframes=3"),
    ]);
    const one = testPool({ workers: 1 });
    const exact = await one.openVideo(path);
    const times = new Map(Array.from(await exact.getAllFrames(), (frame) => [digest(frame), frame.ptsSeconds]));
    for (let start = 0; start < 200; start += 10) {
      const video = await one.openVideo(path, { seekMode: "approximate" });
      for await (const frame of video.frames({ start })) {
        if (frame.status === "ok") assert.equal(times.get(digest(frame)), frame.ptsSeconds, `from ${start} on`);
        if (frame.index === start + 8) break;
      }
      await video.close();
    }
    await exact.close();
  });

  it("gives the last frame for what the header promises beyond it, and says so", async () => {
    const path = odd("times-dense-mjpeg-0.mkv");
    assert.ok(path !== undefined);
    const exact = await pool.openVideo(path);
    const last = await exact.getFrameAt(-1);
    const video = await open(path);
    assert.ok(last.ptsSeconds < video.metadata.endStreamSeconds! / 2);
    const batch = await video.getFramesAt([0, 40, 59, 41]);
    assert.deepEqual([...batch.status], ["ok", "nearest", "nearest", "nearest"]);
    for (const frame of [batch.frame(1), batch.frame(2), batch.frame(3), await video.getFrameAt(-1)]) {
      assert.equal(frame.ptsSeconds, last.ptsSeconds);
      assert.equal(digest(frame), digest(last));
    }
  });

  it("has a frame for each number of joined recordings whose clock steps back", async () => {
    const path = odd("times-steppingBack-mpeg2-2.mkv");
    if (path === undefined) return;
    const video = await open(path);
    for (const index of [59, 30, 58, 0]) {
      const frame = await video.getFrameAt(index);
      assert.equal(frame.status, index > 50 ? "nearest" : "ok", `frame ${index}`);
    }
  });

  it("elsewhere reckons with the header's rate and duration, without a scan", async () => {
    const video = await open(plainMkv());
    const { metadata } = video;
    assert.equal(metadata.numFramesFromContent, null);
    assert.equal(metadata.beginStreamSecondsFromContent, null);
    assert.equal(metadata.endStreamSecondsFromContent, null);
    assert.equal(metadata.numFramesFromHeader, null);
    assert.equal(metadata.numFrames, 50);
    assert.equal(metadata.averageFps, 25);
    assert.equal(metadata.durationSeconds, 2);
  });

  it("gives the frames that the exact mode gives when the rate is constant", async () => {
    const exact = await pool.openVideo(plainMkv());
    const all = digests(await exact.getAllFrames());
    const video = await open(plainMkv());
    assert.deepEqual(digests(await video.getAllFrames()), all);
    assert.deepEqual(await streamDigests(video.frames()), all);
    const order = shuffled(range(0, 50));
    const batch = await video.getFramesAt(order);
    assert.deepEqual(
      digests(batch),
      order.map((index) => all[index]),
    );
    assert.deepEqual([...batch.indices], order);
    assert.deepEqual(
      Array.from(batch.ptsSeconds, (pts) => Math.round(pts * 1000)),
      order.map((index) => index * 40),
    );
    assert.equal(digest(await video.getFrameAt(-1)), all[49]);
    const played = await video.getFramesPlayedAt([0, 0.039, 0.041, 1.01, 1.999]);
    assert.deepEqual([...played.indices], [0, 0, 1, 25, 49]);
    assert.deepEqual([...(await video.getFramesPlayedInRange(0.1, 0.2)).indices], [2, 3, 4]);
    assert.deepEqual([...(await video.getFramesPlayedInRange(0, 1, { fps: 5 })).indices], [0, 5, 10, 15, 20]);
  });

  it("has the same bounds", async () => {
    const video = await open(plainMkv());
    for (const call of [
      video.getFrameAt(50),
      video.getFrameAt(-51),
      video.getFramePlayedAt(-0.001),
      video.getFramePlayedAt(2),
      video.getFramesPlayedInRange(0, 2.001),
    ]) {
      await rejection(call, "E_OUT_OF_RANGE");
    }
    assert.equal((await video.getFramesInRange(45, 100)).length, 5);
    assert.equal((await video.getFramesInRange(5, 3)).length, 0);
    assert.equal((await video.getFramesPlayedInRange(1, 1)).length, 0);
  });

  it("needs a header that states the duration: E_METADATA without, and exact mode does", async () => {
    const error = await rejection(open(withoutDuration()), "E_METADATA");
    assert.match(error.message, /live\.mkv: .*seekMode "exact"/);
    assert.equal((await pool.openVideo(withoutDuration())).length, 25);
  });

  it("has no key frame list where only a scan would tell: E_METADATA", async () => {
    await rejection((await open(plainMkv())).keyFrameIndices(), "E_METADATA");
  });

  it("does not depend on who opened the file before", async () => {
    const exact = await pool.openVideo(plainMkv());
    await exact.getFrameAt(0);
    const video = await open(plainMkv());
    assert.equal(exact.metadata.numFramesFromContent, 50);
    assert.equal(video.metadata.numFramesFromContent, null);
    await Promise.all([exact.close(), video.close()]);
    const again = await pool.openVideo(plainMkv());
    assert.equal(again.metadata.numFramesFromContent, 50);
  });
});

describe("approximate mode, where a frame cannot be decoded", () => {
  const pool = testPool();
  const broken = withDeadPackets(intra.path(), [5, 6, 12, 19]);
  const path = clip("dead.mkv", ["-i", broken, "-map", "0:v", "-c", "copy"]);
  const open = (onError: OnError): Promise<VideoDecoder> => pool.openVideo(path, { seekMode: "approximate", onError });
  const letters = (status: readonly FrameStatus[]): string => status.map((word) => word[0]).join("");

  it("throw: it is E_DECODE, by itself and in a batch, as in exact mode; all others stay readable", async () => {
    const [video, exact] = [await open("throw"), await pool.openVideo(path)];
    for (const index of shuffled(range(0, 20))) {
      if ([5, 6, 12, 19].includes(index)) {
        const error = await rejection(video.getFrameAt(index), "E_DECODE");
        assert.deepEqual(error.frame, { index, ptsSeconds: index / 25 });
        continue;
      }
      const [frame, same] = [await video.getFrameAt(index), await exact.getFrameAt(index)];
      assert.equal(frame.status, "ok");
      assert.equal(frame.ptsSeconds, same.ptsSeconds);
      assert.equal(digest(frame), digest(same));
    }
    assert.equal((await rejection(video.getFramesAt([3, 12, 4]), "E_DECODE")).frame?.index, 12);
  });

  it("skip: it is zeros and says so, and the frames around are right", async () => {
    const batch = await (await open("skip")).getFramesAt(range(0, 20));
    assert.equal(letters(batch.status), "ooooossooooosoooooos");
    assert.ok(new Uint8Array(batch.frame(5).data).every((byte) => byte === 0));
    const exact = await (await pool.openVideo(path, { onError: "skip" })).getFramesAt(range(0, 20));
    assert.deepEqual(digests(batch), digests(exact));
  });

  it("nearest: another one says by status, number and time that it is one", async () => {
    const video = await open("nearest");
    const frame = await video.getFrameAt(5);
    assert.deepEqual([frame.status, frame.index, frame.ptsSeconds], ["nearest", 7, 0.28]);
    assert.equal(digest(frame), digest(await video.getFrameAt(7)));
  });
});
