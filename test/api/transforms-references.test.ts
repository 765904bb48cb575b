import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type Transform, transforms } from "../../src/index.js";
import { bytesOf } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { filteredReferences, withSharedMedia } from "./support/shared-media.js";

withSharedMedia(() => {
  const pool = testPool();
  const references = filteredReferences();

  describe("torchcodec's transformed reference frames", () => {
    it("are all there", () => {
      assert.ok(references.length >= 7);
    });

    for (const { name, media, pixels, streamIndex, index, filter } of references) {
      it(`${name} is equal`, async () => {
        const video = await pool.openVideo(media, { streamIndex, transforms: transformsOf(filter) });
        const frame = await video.getFrameAt(index);
        assert.ok(Buffer.from(bytesOf(frame)).equals(readFileSync(pixels)), "bit for bit");
        await video.close();
      });
    }
  });
});

/** Of `scale=240:135:flags=bilinear`, width before height, or of `crop=300:200:50:35:exact=1` in a picture of 480 x 270. */
function transformsOf(filter: string): Transform[] {
  const [, name = "", ...numbers] = /^(\w+)=(\d+):(\d+)(?::(\d+):(\d+))?/.exec(filter) ?? [];
  const [width = NaN, height = NaN, x = NaN, y = NaN] = numbers.map(Number);
  if (name === "scale") return [transforms.resize([height, width])];
  // Borders that move what is wanted into the middle.
  const [right, bottom] = [480 - width - x, 270 - height - y];
  const border = {
    left: Math.max(0, right - x),
    right: Math.max(0, x - right),
    top: Math.max(0, bottom - y),
    bottom: Math.max(0, y - bottom),
  };
  return [transforms.pad(border), transforms.centerCrop([height, width])];
}
