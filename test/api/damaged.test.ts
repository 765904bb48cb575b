import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FrameStatus, OnError, VideoDecoder } from "../../src/index.js";
import { intra, plain } from "./support/clips.js";
import { packets, withBitErrors, withDeadPackets } from "./support/damage.js";
import { digest, digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

const pool = testPool();

/** The status of each frame as one letter: ok, damaged, nearest, skipped. */
function letters(status: readonly FrameStatus[]): string {
  return status.map((word) => word[0]).join("");
}

describe("frames that cannot be decoded", () => {
  // No picture depends on another: these are broken and no other.
  const broken = [0, 5, 6, 7, 19];
  const path = withDeadPackets(intra.path(), broken);
  const good = range(0, intra.frames).filter((index) => !broken.includes(index));
  const open = (onError: OnError): Promise<VideoDecoder> => pool.openVideo(path, { onError });

  async function goodDigests(): Promise<string[]> {
    const video = await pool.openVideo(intra.path());
    return digests(await video.getAllFrames());
  }

  it("are still counted, and have their times", async () => {
    const video = await pool.openVideo(path);
    assert.equal(video.length, intra.frames);
    assert.equal(video.metadata.durationSeconds, 0.8);
  });

  it("throw (the default): E_DECODE names the frame, and holds what FFmpeg said", async () => {
    const video = await pool.openVideo(path);
    const error = await rejection(video.getFrameAt(5), "E_DECODE");
    assert.deepEqual(error.frame, { index: 5, ptsSeconds: 0.2 });
    assert.match(error.message, /^\/.*\.mov: frame 5 \(pts 0\.2 s\): the frame cannot be decoded$/);
    assert.equal(error.source, path);
    assert.ok(
      error.log.some((line) => /No JPEG data/.test(line)),
      error.log.join(),
    );
    const batchError = await rejection(video.getFramesAt([1, 2, 6]), "E_DECODE");
    assert.equal(batchError.frame?.index, 6);
    assert.equal((await rejection(video.getFramePlayedAt(0.25), "E_DECODE")).frame?.index, 6);
  });

  it("throw: all others stay readable, before and after an error", async () => {
    const all = await goodDigests();
    const video = await open("throw");
    await rejection(video.getAllFrames(), "E_DECODE");
    const batch = await video.getFramesAt(good);
    assert.equal(letters(batch.status), "o".repeat(good.length));
    assert.deepEqual(
      digests(batch),
      good.map((index) => all[index]),
    );
    await rejection(video.getFrameAt(-1), "E_DECODE");
    assert.equal(digest(await video.getFrameAt(18)), all[18]);
  });

  it("throw: a loop gives the frames before, then the error", async () => {
    for (const [start, step] of [
      [1, 1],
      [8, 1],
      [2, 2],
      [8, 11],
    ] as const) {
      const expected = range(start, intra.frames, step);
      const failing = expected.find((index) => broken.includes(index));
      const video = await open("throw");
      const seen: number[] = [];
      const loop = async (): Promise<void> => {
        for await (const frame of video.frames({ start, step })) seen.push(frame.index);
      };
      const error = await rejection(loop(), "E_DECODE");
      assert.equal(error.frame?.index, failing);
      assert.deepEqual(
        seen,
        expected.filter((index) => index < failing!),
      );
    }
  });

  it("skip: rows stay where they belong, black, and say so; a loop leaves them out", async () => {
    const all = await goodDigests();
    const video = await open("skip");
    const batch = await video.getAllFrames();
    assert.equal(letters(batch.status), "soooosssooooooooooos");
    assert.deepEqual([...batch.indices], range(0, intra.frames));
    assert.deepEqual(
      Array.from(batch.ptsSeconds, (pts) => Math.round(pts * 100)),
      range(0, intra.frames).map((index) => index * 4),
    );
    assert.ok(batch.frame(6).data.every((value) => value === 0));
    assert.equal(batch.frame(6).status, "skipped");
    const iterated = Array.from(batch, (frame) => [frame.index, digest(frame)]);
    const expected = good.map((index) => [index, all[index]]);
    assert.deepEqual(iterated, expected);
    const streamed: unknown[] = [];
    for await (const frame of video) streamed.push([frame.index, digest(frame)]);
    assert.deepEqual(streamed, expected);
  });

  it("skip: a single frame that is skipped is the error E_DECODE", async () => {
    const error = await rejection((await open("skip")).getFrameAt(6), "E_DECODE");
    assert.deepEqual(error.frame, { index: 6, ptsSeconds: 0.24 });
  });

  it("nearest: the row holds the nearest frame in time that can be decoded, the earlier of two", async () => {
    const all = await goodDigests();
    const video = await open("nearest");
    const stands = new Map([
      [0, 1],
      [5, 4],
      [6, 4],
      [7, 8],
      [19, 18],
    ]);
    const batch = await video.getAllFrames();
    const expected = range(0, intra.frames).map((index) => stands.get(index) ?? index);
    assert.deepEqual([...batch.indices], expected);
    assert.equal(letters(batch.status), "noooonnnooooooooooon");
    assert.deepEqual(
      Array.from(batch.ptsSeconds, (pts) => Math.round(pts * 100)),
      expected.map((index) => index * 4),
    );
    assert.deepEqual(
      digests(batch),
      expected.map((index) => all[index]),
    );
    const streamed: number[] = [];
    for await (const frame of video) streamed.push(frame.index);
    assert.deepEqual(streamed, expected);
    // Whatever else is asked for.
    for (const [index, other] of stands) {
      const frame = await video.getFrameAt(index);
      assert.deepEqual([frame.index, frame.status], [other, "nearest"]);
      assert.equal(digest(frame), all[other]);
      assert.deepEqual([...(await video.getFramesAt([index, 10, index])).indices], [other, 10, other]);
    }
  });

  it("nearest: with no frame at all it is E_DECODE", async () => {
    const nothing = withDeadPackets(intra.path(), range(0, intra.frames));
    const video = await pool.openVideo(nothing, { onError: "nearest" });
    assert.equal((await rejection(video.getFrameAt(3), "E_DECODE")).frame?.index, 3);
    await rejection(video.getAllFrames(), "E_DECODE");
  });
});

describe("frames that depend on broken ones", () => {
  // Packet 5 of the clip holds frame 4, a B picture.
  it("a dead picture that no other needs is missing alone", async () => {
    const video = await pool.openVideo(withDeadPackets(plain.path(), [5]), { onError: "skip" });
    const batch = await video.getAllFrames();
    assert.equal(letters(batch.status), `oooos${"o".repeat(45)}`);
  });

  it("a dead key frame is missing, and those before it and from the next one on are not", async () => {
    const keys = packets(plain.path()).flatMap(({ key }, at) => (key ? [at] : []));
    const path = withDeadPackets(plain.path(), [keys[2]!]);
    const intact = await pool.openVideo(plain.path());
    assert.deepEqual([...(await intact.keyFrameIndices())].slice(1, 4), [12, 24, 36]);
    const video = await pool.openVideo(path, { onError: "skip" });
    const { status } = await video.getAllFrames();
    assert.equal(status[24], "skipped");
    assert.equal(letters(status.slice(0, 22)), "o".repeat(22));
    assert.equal(letters(status.slice(36)), "o".repeat(14));
    const [before, after] = [await intact.getFramesAt([21, 36, 40]), await video.getFramesAt([21, 36, 40])];
    assert.deepEqual(digests(after), digests(before));
  });

  it("bit errors that the decoder conceals are shown and marked as damaged, whatever onError says", async () => {
    const path = withBitErrors(plain.path(), [5]);
    for (const onError of ["throw", "skip", "nearest"] as const) {
      const video = await pool.openVideo(path, { onError });
      const batch = await video.getAllFrames();
      assert.equal(letters(batch.status), `ooood${"o".repeat(45)}`);
      assert.equal((await video.getFrameAt(4)).status, "damaged");
      assert.equal(batch.indices[4], 4);
    }
  });

  it("one worker or two, in whatever order: the same frames fail, the others are the same", async () => {
    const path = withDeadPackets(plain.path(), [3, 13, 22, 24, 40]);
    const alone = await testPool({ workers: 1 }).openVideo(path, { onError: "skip" });
    const together = await pool.openVideo(path, { onError: "skip" });
    const all = await alone.getAllFrames();
    assert.ok(letters(all.status).includes("s"));
    for (const order of [range(0, plain.frames), shuffled(range(0, plain.frames))]) {
      const batch = await together.getFramesAt(order);
      assert.equal(letters(batch.status), letters(order.map((index) => all.status[index]!)));
      assert.deepEqual(
        order.map((_, row) => digest(batch.frame(row))),
        order.map((index) => digest(all.frame(index))),
      );
    }
  });
});
