import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { describe, it } from "node:test";
import { samplers } from "../../src/index.js";
import { plain, sound } from "./support/clips.js";
import { testPool } from "./support/pool.js";

describe("copy()", () => {
  const pool = testPool({ workers: 1 });

  for (const dtype of ["uint8", "float32", "float16"] as const) {
    it(`of frames, batches and clips has the values of data, unshared, and outlives release() (${dtype})`, async () => {
      const video = await pool.openVideo(plain.path(), { dtype });
      const batch = await video.getFramesAt([3, 7, 5]);
      const clips = await samplers.clipsAtRegularIndices(video, { numClips: 2, numFramesPerClip: 2 });
      const frame = await video.getFrameAt(9);
      for (const pixels of [frame, batch, batch.frame(1), batch.slice(1, 3), clips, clips.clip(1)]) {
        const before = pixels.data.slice();
        const copy = pixels.copy();
        assert.ok(copy.buffer instanceof ArrayBuffer);
        assert.equal(copy.byteOffset, 0);
        assert.equal(copy.buffer.byteLength, before.byteLength);
        assert.deepEqual(copy, before);
      }
      const copy = frame.copy();
      const before = copy.slice();
      frame.release();
      (await video.getFrameAt(30)).release();
      assert.deepEqual(copy, before);
      assert.throws(() => frame.copy(), { code: "E_CLOSED" });
    });
  }

  it("is taken by what refuses shared memory", async () => {
    const video = await pool.openVideo(plain.path());
    const frame = await video.getFrameAt(9);
    const expected = createHash("sha256").update(frame.data).digest("hex");
    const digest = async (bytes: Parameters<typeof webcrypto.subtle.digest>[1]): Promise<string> =>
      Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes)).toString("hex");
    await assert.rejects(digest(frame.data));
    assert.equal(await digest(frame.copy()), expected);
    assert.equal(await digest(await new Response(frame.copy()).arrayBuffer()), expected);
    assert.equal(await digest(await new Blob([frame.copy()]).arrayBuffer()), expected);
  });

  it("of sound likewise", async () => {
    const audio = await pool.openAudio(sound());
    const samples = await audio.getSamplesPlayedInRange(0, 0.1);
    const before = samples.data.slice();
    const copy = samples.copy();
    samples.release();
    assert.ok(copy.buffer instanceof ArrayBuffer);
    assert.deepEqual(copy, before);
    assert.throws(() => samples.copy(), { code: "E_CLOSED" });
  });
});
