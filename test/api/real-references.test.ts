import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { DecoderPool, type PixelData } from "../../src/index.js";
import { bytesOf } from "./support/pixels.js";
import { referenceFrames, withSharedMedia } from "./support/shared-media.js";

withSharedMedia(() => {
  const pool = new DecoderPool({ workers: 2 });
  after(() => pool.close());
  const references = referenceFrames();

  describe("torchcodec's reference frames", () => {
    it("are all there", () => {
      assert.ok(references.filter(({ dtype }) => dtype === "uint8").length >= 50);
      assert.ok(references.filter(({ dtype }) => dtype === "uint16").length >= 12);
    });

    for (const { name, media, pixels, streamIndex, index, ptsSeconds, dtype } of references) {
      it(`${name} is equal`, async () => {
        const expected = readFileSync(pixels);
        const options = { streamIndex, dtype: dtype === "uint8" ? "uint8" : "float32" } as const;
        const video = await pool.openVideo(media, options);
        const frame = await video.getFrameAt(index);
        assert.ok(Math.abs(frame.ptsSeconds - ptsSeconds) < 1e-5);
        if (dtype === "uint8") assert.ok(Buffer.from(bytesOf(frame)).equals(expected), "bit for bit");
        else checkDeep(frame.data, expected, !/^nasa_13013\.mp4/.test(name));
        const played = await video.getFramePlayedAt(frame.ptsSeconds);
        assert.equal(played.index, index);
        await video.close();
      });
    }
  });
});

/** torchcodec makes 16 bits of every source; for those of 8 bits the two ways differ by rounding, up to 3 of 255. */
function checkDeep(data: PixelData, expected: Buffer, isDeepSource: boolean): void {
  assert.equal(data.length * 2, expected.length);
  const samples = new Uint16Array(expected.buffer, expected.byteOffset, data.length);
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const wanted = samples[i]! / 65535;
    if (isDeepSource) assert.equal(data[i], Math.fround(wanted));
    const difference = Math.abs(data[i]! - wanted);
    assert.ok(difference < 3.01 / 255);
    sum += difference;
  }
  assert.ok(sum / data.length < 0.75 / 255);
}
