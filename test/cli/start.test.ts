import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { images, makeVideo, manifest, npmStart, temporaryFolder } from "./support.js";

test("writes PNG files and a contact sheet of the given video, and says what it did", async () => {
  const folder = temporaryFolder();
  makeVideo(join(folder, "talk.mp4"), { size: "160x120" });
  const { code, stdout, stderr } = await npmStart(["talk.mp4"], { cwd: folder });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /\ntalk\.mp4\n {2}codec {6}mpeg4, yuv420p\n {2}size {7}160x120\n {2}frames {5}50\n/);
  assert.match(stdout, /\nFFmpeg \S+ \(.+\.node\)\n/);
  assert.match(
    stdout,
    /Decoding alone: 50 frames in [\d.]+ s \([\d.]+ frames\/s\), one after the other, as RGB pixels\.\n/,
  );
  assert.match(
    stdout,
    /Decoding and writing PNG files: 16 frames in [\d.]+ s \([\d.]+ frames\/s\), .* \d+ workers?\.\n/,
  );
  assert.match(stdout, /Frames: +framepool-out\/talk\/\*\.png \(16 files\)\n/);
  assert.match(stdout, /Contact sheet: +framepool-out\/talk\/sheet\.jpg\n/);
  const out = join(folder, "framepool-out");
  assert.equal(manifest(out).length, 16);
  assert.equal(images(out).filter((name) => name.endsWith(".png")).length, 16);
  const { width, height } = await sharp(join(out, "talk", "sheet.jpg")).metadata();
  assert.deepEqual([width, height], [12 + 4 * 332, 64 + 4 * (240 + 38)]);
});

test("writes a frame a second of a longer video, 16 of them on the sheet", async () => {
  const folder = temporaryFolder();
  makeVideo(join(folder, "longer.mp4"), { size: "160x120", seconds: 24, rate: 2 });
  const { code } = await npmStart(["longer.mp4"], { cwd: folder });
  assert.equal(code, 0);
  const out = join(folder, "framepool-out");
  assert.equal(manifest(out).length, 24);
  const { width, height } = await sharp(join(out, "longer", "sheet.jpg")).metadata();
  assert.deepEqual([width, height], [12 + 4 * 332, 64 + 4 * (240 + 38)]);
});

test("without a video it makes a sample and says so", async () => {
  const folder = temporaryFolder();
  const { code, stdout, stderr } = await npmStart([], { cwd: folder });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^No video given \(npm start -- VIDEO\): using a generated sample/);
  assert.match(stdout, / {2}size {7}1280x720\n {2}frames {5}300\n/);
  assert.ok(existsSync(join(folder, "framepool-out", "sample.mp4")));
  assert.ok(existsSync(join(folder, "framepool-out", "sample", "sheet.jpg")));
});

test("without a video and without ffmpeg it says what is missing", async () => {
  const folder = temporaryFolder();
  const { code, stderr } = await npmStart([], { cwd: folder, env: { PATH: folder } });
  assert.equal(code, 1);
  assert.match(stderr, /^framepool: no video was given, and the ffmpeg command .* it is not installed\n$/);
});

test("a bad path is one clear line and exit code 1", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "text.mp4"), "this is text, and no video\n");
  for (const [name, line] of [
    ["none.mp4", /^framepool: none\.mp4: no such file \(E_NOT_FOUND\)[^\n]*\n$/],
    ["text.mp4", /^framepool: text\.mp4: not a media file[^:]* \(E_UNSUPPORTED_FORMAT\)[^\n]*\n$/],
  ] as const) {
    const { code, stdout, stderr } = await npmStart([name], { cwd: folder });
    assert.equal(code, 1);
    assert.match(stderr, line);
    assert.equal(stdout, "");
    assert.equal(existsSync(join(folder, "framepool-out")), false);
  }
});
