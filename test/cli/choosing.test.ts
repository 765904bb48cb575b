import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { ffmpeg, framepool, framesOf, images, makeVideo, manifest, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
// 50 frames, 0.04 s each, key frames at 0, 12, 24, 36, 48.
const video = makeVideo(join(folder, "talk.mp4"));
const { newOut, frameNames } = framesOf(video, folder);

test("pictures are as a player shows them: square pixels and standard range, unless they are to be kept", async () => {
  const anamorphic = join(folder, "anamorphic.mp4");
  ffmpeg([
    ...["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", "1", "-vf", "setsar=2/1"],
    ...["-c:v", "mpeg4", "-pix_fmt", "yuv420p", anamorphic],
  ]);
  const bright = join(folder, "bright.mkv");
  ffmpeg([
    ...[
      "-f",
      "lavfi",
      "-i",
      "color=gray:size=64x48:rate=25",
      "-frames:v",
      "1",
      "-c:v",
      "ffv1",
      "-pix_fmt",
      "yuv420p10",
    ],
    ...["-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc", bright],
  ]);
  const [played, kept] = [newOut(), newOut()];
  await framepool(["frames", anamorphic, bright, "--indices", "0", "--out", played]);
  await framepool(["frames", anamorphic, bright, "--indices", "0", "--sar", "keep", "--hdr", "keep", "--out", kept]);
  const look = async (out: string): Promise<readonly number[]> => {
    const { width } = await sharp(join(out, "anamorphic/000000_0.000s.png")).metadata();
    const [grey] = await sharp(join(out, "bright/000000_0.000s.png")).raw().toBuffer();
    return [width, grey ?? 0];
  };
  // Grey of PQ is about 100 candela per square metre: less than half of white, 203.
  const [width = 0, grey = 0] = await look(played);
  assert.equal(width, 128);
  assert.ok(grey > 170 && grey < 200, String(grey));
  assert.deepEqual(await look(kept), [64, 126]);
});

test("--best takes a good picture near each, and leaves out what has none", async () => {
  const fade = join(folder, "fade.mp4");
  const black =
    "color=black:size=64x48:rate=25,trim=end_frame=10[black];testsrc2=size=64x48:rate=25,trim=end_frame=10[sharp]";
  ffmpeg([
    ...["-filter_complex", `${black};[black][sharp]concat=n=2`],
    ...["-c:v", "mpeg4", "-q:v", "2", "-pix_fmt", "yuv420p", fade],
  ]);
  const { newOut: out, frameNames: names } = framesOf(fade, temporaryFolder());
  const numbers = (paths: readonly string[]): number[] => paths.map((path) => Number(/\/(\d{6})_/.exec(path)?.[1]));
  assert.deepEqual(numbers(await names("--all", "--best")), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  const [found = -1, ...others] = numbers(await names("--times", "0.2", "--best"));
  assert.ok(found >= 10 && others.length === 0, String(found));
  assert.ok(numbers(await names("--scenes", "--best")).every((number) => number >= 10));
  const args = ["frames", fade, "--times", "0.2", "--out", out()];
  await framepool(args);
  assert.match((await framepool([...args, "--best"])).stderr, /1 image of 1 file/);
  assert.match((await framepool([...args, "--best"])).stderr, /1 file unchanged/);
});

test("--all, --step and --scenes choose frames, times may be of a clock", async () => {
  assert.equal((await frameNames("--all")).length, 50);
  assert.deepEqual(
    (await frameNames("--step", "20")).map((name) => name.slice(5, 11)),
    ["000000", "000020", "000040"],
  );
  assert.deepEqual(await frameNames("--scenes"), ["talk/000024_0.960s.png"]);
  assert.deepEqual(await frameNames("--times", "0:00.1,0:00:01.99"), await frameNames("--times", "0.1,1.99"));
  const missing = await framepool(["frames", join(folder, "missing.mp4"), "--scenes", "--out", newOut()]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /missing\.mp4: .*\(E_NOT_FOUND\)/);
});

test("a folder stands for the videos in it and below it", async () => {
  const library = join(folder, "library");
  mkdirSync(join(library, "b", "c"), { recursive: true });
  for (const name of ["z.mp4", "b/c/deep.MP4", "b/notes.txt", ".hidden.mp4"]) copyFileSync(video, join(library, name));
  const out = newOut();
  const { code, stderr } = await framepool(["frames", library, "--indices", "0", "--out", out]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(images(out), ["deep/000000_0.000s.png", "z/000000_0.000s.png"]);
});

test("--json tells of each image, each file that failed, and the whole, a line each", async () => {
  const out = newOut();
  const args = ["frames", video, join(folder, "missing.mp4"), "--indices", "0,5", "--json", "--out", out];
  const { code, stdout } = await framepool(args);
  assert.equal(code, 1);
  const events = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const of = (event: string): Record<string, unknown>[] => events.filter((one) => one["event"] === event);
  assert.deepEqual(
    of("image"),
    manifest(out).map((entry) => ({ event: "image", ...entry })),
  );
  assert.deepEqual(
    of("failed").map(({ code: reason }) => reason),
    ["E_NOT_FOUND"],
  );
  assert.deepEqual(events.at(-1), { event: "done", done: 1, unchanged: 0, failed: 1, images: 2, undecodable: 0 });
});

test("--like names the images, and says their format", async () => {
  assert.deepEqual(await frameNames("--indices", "0,5", "--like", "{name}/{index}-{width}x{height} {seconds}.jpg"), [
    "talk/000000-64x48 0.000.jpg",
    "talk/000005-64x48 0.200.jpg",
  ]);
  for (const wrong of [
    "{index}.jpg",
    "{name}/x.jpg",
    "{name}/{index}.gif",
    "{name}/../{index}.jpg",
    "{name}/{index}{no}.png",
  ]) {
    const { code, stderr } = await framepool(["frames", video, "--indices", "0", "--like", wrong, "--out", newOut()]);
    assert.equal(code, 2, wrong);
    assert.match(stderr, /--like takes a name such as/);
  }
});
