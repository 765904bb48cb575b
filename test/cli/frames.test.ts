import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import {
  assertConsistent,
  ffmpeg,
  framepool,
  framesOf,
  images,
  makeVideo,
  manifest,
  packets,
  temporaryFolder,
} from "./support.js";

const folder = temporaryFolder();
// 50 frames, 0.04 s each, key frames at 0, 12, 24, 36, 48.
const video = makeVideo(join(folder, "talk.mp4"));
const { newOut, frameNames } = framesOf(video, folder);

test("--every takes the frame on screen at each multiple of the time", async () => {
  const everySecond = ["talk/000000_0.000s.png", "talk/000025_1.000s.png"];
  assert.deepEqual(await frameNames("--every", "1s"), everySecond);
  assert.deepEqual(await frameNames("--every", "1"), everySecond);
  const everyHalf = [0, 12, 25, 37].map((index) => `talk/0000${String(index).padStart(2, "0")}`);
  const names = await frameNames("--every", "500ms");
  assert.deepEqual(
    names.map((name) => name.slice(0, "talk/000000".length)),
    everyHalf,
  );
});

test("--every shorter than a frame writes each frame once", async () => {
  assert.equal((await frameNames("--every", "10ms")).length, 50);
});

test("--indices takes frames by number, from the end too, each once", async () => {
  const expected = ["talk/000000_0.000s.png", "talk/000005_0.200s.png", "talk/000049_1.960s.png"];
  assert.deepEqual(await frameNames("--indices", "0,5,-1"), expected);
  assert.deepEqual(await frameNames("--indices", "-1,5,0,49,5"), expected);
});

test("--times takes what was on screen", async () => {
  const expected = ["talk/000002_0.080s.png", "talk/000049_1.960s.png"];
  assert.deepEqual(await frameNames("--times", "0.1,1.99,90ms"), expected);
});

test("--fractions, --range, --from and --clamp are the selections of the library", async () => {
  const later = join(folder, "later.mkv");
  framesOf10(later);
  const indices = async (file: string, ...args: string[]): Promise<number[]> => {
    const out = newOut();
    const { code, stderr } = await framepool(["frames", file, ...args, "--out", out]);
    assert.equal(code, 0, stderr);
    return images(out).map((name) => Number(/\/(\d+)_/.exec(name)?.[1]));
  };
  assert.deepEqual(await indices(video, "--fractions", "0,50%,1"), [0, 25, 49]);
  assert.deepEqual(await indices(video, "--range", "-2:"), [48, 49]);
  assert.deepEqual(await indices(video, "--range", "0:50:20"), [0, 20, 40]);
  assert.deepEqual(await indices(video, "--range", "0.5s:1s:4fps"), [12, 18]);
  assert.deepEqual(await indices(video, "--range", ":80ms"), [0, 1]);
  assert.deepEqual(await indices(video, "--indices", "3,70", "--clamp"), [3, 49]);
  assert.deepEqual(await indices(later, "--times", "1", "--from", "start"), [25]);
  assert.deepEqual(await indices(later, "--times", "11,99", "--clamp"), [25, 49]);
  assert.deepEqual(await indices(later, "--range", "1s:1100ms", "--from", "start"), [25, 26, 27]);
});

/** The same pictures, from 10 s on. */
function framesOf10(path: string): void {
  ffmpeg(["-i", video, "-c", "copy", "-output_ts_offset", "10", path]);
}

test("--count spreads frames from the first to the last", async () => {
  const expected = [0, 16, 32, 49].map((index) => `talk/0000${String(index).padStart(2, "0")}`);
  const names = await frameNames("--count", "4");
  assert.deepEqual(
    names.map((name) => name.slice(0, "talk/000000".length)),
    expected,
  );
  assert.deepEqual(await frameNames("--count", "1"), ["talk/000000_0.000s.png"]);
  assert.equal((await frameNames("--count", "500")).length, 50);
});

test("--keyframes takes the key frames", async () => {
  const names = await frameNames("--keyframes");
  assert.deepEqual(
    names.map((name) => Number(name.slice("talk/".length, "talk/000000".length))),
    [0, 12, 24, 36, 48],
  );
});

test("the manifest describes every image", async () => {
  const out = newOut();
  await framepool(["frames", "talk.mp4", "--indices", "30,0", "--out", out], { cwd: folder });
  const common = { source: video, key: "talk", status: "ok", width: 64, height: 48 };
  assert.deepEqual(
    manifest(out).map(({ ptsSeconds, durationSeconds, ...rest }) => ({
      ...rest,
      ptsSeconds: Number(ptsSeconds.toFixed(6)),
      durationSeconds: Number(durationSeconds.toFixed(6)),
    })),
    [
      { ...common, index: 0, ptsSeconds: 0, durationSeconds: 0.04, path: "talk/000000_0.000s.png" },
      { ...common, index: 30, ptsSeconds: 1.2, durationSeconds: 0.04, path: "talk/000030_1.200s.png" },
    ],
  );
});

test("png holds the very pixels that ffmpeg decodes", async () => {
  const out = newOut();
  const lossless = makeVideo(join(folder, "lossless.mkv"), { encoder: ["ffv1", "-pix_fmt", "bgr0"], seconds: 1 });
  await framepool(["frames", lossless, "--indices", "7", "--out", out]);
  const reference = makeVideo(join(folder, "reference.rgb"), {
    seconds: 1,
    encoder: ["rawvideo", "-pix_fmt", "rgb24", "-f", "rawvideo"],
  });
  const frameBytes = 64 * 48 * 3;
  const expected = readFileSync(reference).subarray(7 * frameBytes, 8 * frameBytes);
  const pixels = await sharp(join(out, "lossless/000007_0.280s.png")).raw().toBuffer();
  assert.ok(pixels.equals(expected));
});

test("--format, --resize and --quality shape the images, and the manifest says so", async () => {
  const cases = [
    { args: ["--format", "jpeg"], extension: "jpg", format: "jpeg", width: 64, height: 48 },
    { args: ["--format", "jpg", "--resize", "32x"], extension: "jpg", format: "jpeg", width: 32, height: 24 },
    { args: ["--format", "webp", "--resize", "x12"], extension: "webp", format: "webp", width: 16, height: 12 },
    { args: ["--resize", "100x20"], extension: "png", format: "png", width: 100, height: 20 },
  ];
  for (const { args, extension, ...expected } of cases) {
    const out = newOut();
    await framepool(["frames", video, "--indices", "25", ...args, "--out", out]);
    assert.deepEqual(images(out), [`talk/000025_1.000s.${extension}`]);
    const { format, width, height } = await sharp(join(out, images(out)[0]!)).metadata();
    assert.deepEqual({ format, width, height }, expected);
    const [line] = manifest(out);
    assert.deepEqual([line?.width, line?.height], [expected.width, expected.height]);
  }
  const [low, high] = [newOut(), newOut()];
  const common = ["frames", video, "--indices", "25", "--format", "jpeg"];
  await framepool([...common, "--quality", "20", "--out", low]);
  await framepool([...common, "--quality", "95", "--out", high]);
  const [lowBytes, highBytes] = [low, high].map((out) => readFileSync(join(out, images(out)[0]!)).length);
  assert.ok(lowBytes! < highBytes!);
});

test("a bad file among good ones is reported, the others are done, and the exit code is 1", async () => {
  const out = newOut();
  const other = makeVideo(join(folder, "other.mkv"), { seconds: 1 });
  writeFileSync(join(folder, "text.mp4"), "this is text, and no video\n");
  const inputs = ["talk.mp4", "text.mp4", "none.mp4", other];
  const run = await framepool(["frames", ...inputs, "--count", "2", "--out", out], { cwd: folder });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /^framepool: text\.mp4: not a media file[^:]* \(E_UNSUPPORTED_FORMAT\)/m);
  assert.match(run.stderr, /^framepool: none\.mp4: no such file \(E_NOT_FOUND\)/m);
  assert.match(run.stderr, /^framepool: 4 images of 2 files, 2 files failed in .* frames\/s\); listed in .*\n$/m);
  assert.equal(images(out).length, 4);
  assertConsistent(out);
});

test("a frame number or time outside one video is that video's error only", async () => {
  const short = makeVideo(join(folder, "short.mp4"), { seconds: 1 });
  for (const selection of [
    ["--indices", "0,30"],
    ["--times", "0,1.5"],
  ]) {
    const out = newOut();
    const { code, stderr } = await framepool(["frames", short, video, ...selection, "--out", out]);
    assert.equal(code, 1);
    assert.match(stderr, /short\.mp4: [^:]+ \(E_OUT_OF_RANGE\)\n/);
    assert.equal(images(out).length, 2);
    assertConsistent(out);
  }
});

test("a frame that cannot be decoded is reported, the others are written, and the exit code is 1 again on a rerun", async () => {
  const out = newOut();
  const damaged = makeVideo(join(folder, "damaged.mov"), { seconds: 1, rate: 10, encoder: ["targa"] });
  const bytes = readFileSync(damaged);
  const { pos, size } = packets(damaged)[4]!;
  bytes.fill(0xa5, pos, pos + size);
  writeFileSync(damaged, bytes);
  const args = ["frames", damaged, "--every", "100ms", "--out", out];
  const { code, stderr } = await framepool(args);
  assert.equal(code, 1);
  assert.match(stderr, /damaged\.mov: left out what cannot be decoded \(E_DECODE\): frame 4\n/);
  assert.deepEqual(
    manifest(out).map(({ index }) => index),
    [0, 1, 2, 3, 5, 6, 7, 8, 9],
  );
  assertConsistent(out);
  const again = await framepool(args);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /frame 4\n.* 0 images of 0 files, 1 file unchanged/);
});

test("a list on standard input, together with arguments", async () => {
  const out = newOut();
  const names = ["one", "two", "three"].map((name) => makeVideo(join(folder, `${name}.mp4`), { seconds: 1 }));
  const stdin = `${names.slice(1).join("\n")}\n`;
  const { code } = await framepool(["frames", names[0]!, "-", "--count", "2", "--out", out], { stdin });
  assert.equal(code, 0);
  assert.deepEqual([...new Set(manifest(out).map(({ key }) => key))].sort(), ["one", "three", "two"]);
  const empty = await framepool(["frames", "-", "--count", "2", "--out", out], { stdin: "" });
  assert.equal(empty.code, 0);
  assert.equal(manifest(out).length, 6);
});

test("more pixels than one batch may hold are decoded in chunks", async () => {
  const out = newOut();
  // 90 frames of 2.43 MB: above the 128 MB of one batch.
  const large = makeVideo(join(folder, "large.mp4"), { size: "1280x720", rate: 30, seconds: 3 });
  const { code, stderr } = await framepool([
    "frames",
    large,
    ...["--every", "0.033333333", "--resize", "1200x", "--format", "jpeg", "--out", out],
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(images(out).length, 90);
  const small = newOut();
  await framepool(["frames", large, "--indices", "89,0,40", "--resize", "1200x", "--format", "jpeg", "--out", small]);
  for (const name of images(small)) {
    assert.ok(readFileSync(join(small, name)).equals(readFileSync(join(out, name))), name);
  }
  assertConsistent(out);
});

test("what cannot be written ends the run with one line that names it", async () => {
  const blocked = join(folder, "blocked");
  writeFileSync(blocked, "a file");
  const { code, stderr } = await framepool(["frames", video, "--count", "2", "--out", blocked]);
  assert.equal(code, 1);
  assert.match(stderr, /^framepool: .*blocked: cannot be written: [^\n]+\n$/);
  mkdirSync(join(folder, "nested"));
  const nested = await framepool(["frames", video, "--count", "1", "--out", join(folder, "nested", "a", "b")]);
  assert.equal(nested.code, 0);
});
