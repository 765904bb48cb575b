import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp, { type Region } from "sharp";
import { framepool, makeVideo, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const video = makeVideo(join(folder, "talk & <more>.mp4"), { size: "160x120" });

async function size(path: string): Promise<[string | undefined, number, number]> {
  const { format, width, height } = await sharp(path).metadata();
  return [format, width, height];
}

test("draws a grid of pictures with captions under a header", async () => {
  const out = join(folder, "sheet.png");
  const args = ["sheet", video, "--count", "6", "--columns", "3", "--width", "160", "-o", out];
  const { code, stdout, stderr } = await framepool(args);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
  assert.match(stderr, /sheet\.png: 6 pictures of .*talk & <more>\.mp4\n$/);
  assert.deepEqual(await size(out), ["png", 12 + 3 * (160 + 12), 64 + 2 * (120 + 26 + 12)]);
  // Each picture is the frame it should be, and light text stands in each caption and in the header.
  const reference = join(folder, "frames");
  await framepool(["frames", video, "--count", "6", "--out", reference]);
  const names = ["000000_0.000s", "000009_0.360s", "000019_0.760s", "000029_1.160s", "000039_1.560s", "000049_1.960s"];
  for (const [position, name] of names.entries()) {
    const left = 12 + (position % 3) * 172;
    const top = 64 + Math.floor(position / 3) * 158;
    const picture = await sharp(out).extract({ left, top, width: 160, height: 120 }).raw().toBuffer();
    const frame = await sharp(join(reference, "talk & _more_", `${name}.png`))
      .raw()
      .toBuffer();
    assert.ok(picture.equals(frame), name);
    assert.ok(await hasText(out, { left, top: top + 120, width: 160, height: 26 }), `caption ${position}`);
  }
  assert.ok(await hasText(out, { left: 0, top: 0, width: 528, height: 64 }), "header");
});

async function hasText(path: string, region: Region): Promise<boolean> {
  const pixels = await sharp(path).extract(region).greyscale().raw().toBuffer();
  return pixels.filter((value) => value > 180).length > 20;
}

test("has defaults, and more pictures than frames are as many as there are frames", async () => {
  const short = makeVideo(join(folder, "short.mp4"), { seconds: 0.2, size: "160x120" });
  const { code } = await framepool(["sheet", short], { cwd: folder });
  assert.equal(code, 0);
  assert.deepEqual(await size(join(folder, "short-sheet.jpg")), ["jpeg", 12 + 4 * 332, 64 + 2 * (240 + 38)]);
});

test("webp and pixels that are not square", async () => {
  const wide = makeVideo(join(folder, "wide.mp4"), {
    size: "160x120",
    encoder: ["mpeg4", "-aspect", "16:9", "-pix_fmt", "yuv420p"],
  });
  const out = join(folder, "wide.webp");
  await framepool(["sheet", wide, "--count", "2", "--columns", "1", "--width", "320", "-o", out]);
  assert.deepEqual(await size(out), ["webp", 12 + 332, 64 + 2 * (180 + 38)]);
});

test("a bad file is one line, exit code 1, and no picture", async () => {
  writeFileSync(join(folder, "text.mp4"), "this is text, and no video\n");
  const { code, stderr } = await framepool(["sheet", "text.mp4", "-o", "bad.jpg"], { cwd: folder });
  assert.equal(code, 1);
  assert.match(stderr, /^framepool: text\.mp4: not a media file[^:]* \(E_UNSUPPORTED_FORMAT\)[^\n]*\n$/);
  assert.equal(existsSync(join(folder, "bad.jpg")), false);
});
