import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { assertConsistent, framepool, images, makeVideo, manifest, temporaryFolder, type Finished } from "./support.js";

// Nothing that a user has is deleted or replaced but by the options that made it.

const folder = temporaryFolder();
let videos = 0;

interface Place {
  readonly video: string;
  readonly out: string;
  readonly frames: (...args: string[]) => Promise<Finished>;
}

function place(): Place {
  videos += 1;
  const video = makeVideo(join(folder, `talk-${videos}.mp4`));
  const out = join(folder, `out-${videos}`);
  return { video, out, frames: (...args) => framepool(["frames", video, ...args, "--out", out]) };
}

function names(out: string): string[] {
  return images(out).map((name) => basename(name));
}

async function done(run: Promise<Finished>): Promise<string> {
  const { code, stderr } = await run;
  assert.equal(code, 0, stderr);
  return stderr;
}

test("another selection leaves the images of the first one, and the manifest lists both", async () => {
  const { out, frames } = place();
  await done(frames("--times", "0"));
  const [first] = images(out);
  const { ino, mtimeNs } = statSync(join(out, first!), { bigint: true });
  await done(frames("--times", "1"));
  assert.deepEqual(names(out), ["000000_0.000s.png", "000025_1.000s.png"]);
  const now = statSync(join(out, first!), { bigint: true });
  assert.deepEqual([now.ino, now.mtimeNs], [ino, mtimeNs]);
  assertConsistent(out);
  assert.match(await done(frames("--times", "0")), /0 images of 0 files, 1 file unchanged/);
  assertConsistent(out);
});

test("selections that share frames share the images", async () => {
  const { out, frames } = place();
  await done(frames("--indices", "0,10"));
  assert.match(await done(frames("--indices", "10,20")), /1 image of 1 file/);
  assert.deepEqual(
    manifest(out).map(({ index }) => index),
    [0, 10, 20],
  );
  // Each selection knows the shared one: it is made again for whoever misses it.
  rmSync(join(out, images(out)[1]!));
  assert.match(await done(frames("--indices", "10,20")), /1 image of 1 file/);
  assert.match(await done(frames("--indices", "0,10")), /1 file unchanged/);
  assertConsistent(out);
});

test("the same frame in another format, size or quality stands beside the first, with a name that says so", async () => {
  const { out, frames } = place();
  await done(frames("--indices", "0"));
  const first = readFileSync(join(out, images(out)[0]!));
  await done(frames("--indices", "0", "--resize", "32x"));
  await done(frames("--indices", "0", "--format", "jpeg"));
  await done(frames("--indices", "0", "--format", "jpeg", "--quality", "20"));
  const all = ["000000_0.000s.jpg", "000000_0.000s.png", "000000_0.000s_32x24.png", "000000_0.000s_64x48_q20.jpg"];
  assert.deepEqual(names(out), all);
  assertConsistent(out);
  assert.ok(readFileSync(join(out, images(out)[1]!)).equals(first));
  assert.match(await done(frames("--indices", "0", "--resize", "32x")), /1 file unchanged/);
});

test("a changed video replaces what the same options made, and leaves the rest unlisted", async () => {
  const { video, out, frames } = place();
  await done(frames("--indices", "0,40"));
  await done(frames("--indices", "30"));
  const old = readFileSync(join(out, images(out)[1]!));
  makeVideo(video, { seconds: 1, size: "80x48" });
  const stderr = await done(frames("--indices", "0,20", "--force"));
  assert.match(stderr, /kept, but not listed: 2 images that other options made of an older version of the file/);
  assert.equal((await frames("--indices", "0,40")).code, 1);
  assert.deepEqual(names(out), ["000000_0.000s.png", "000020_0.800s.png", "000030_1.200s.png", "000040_1.600s.png"]);
  assert.ok(readFileSync(join(out, images(out)[2]!)).equals(old));
  assert.deepEqual(
    manifest(out).map(({ index, width }) => [index, width]),
    [
      [0, 80],
      [20, 80],
    ],
  );
});

test("the leftovers of the same options go when the video has changed", async () => {
  const { video, out, frames } = place();
  await done(frames("--every", "500ms"));
  assert.equal(images(out).length, 4);
  makeVideo(video, { seconds: 1 });
  await done(frames("--every", "500ms"));
  assert.equal(images(out).length, 2);
  assertConsistent(out);
});

test("an image that other options made of an older version is not replaced, unless by --force", async () => {
  const { video, out, frames } = place();
  await done(frames("--indices", "0"));
  const before = readFileSync(join(out, images(out)[0]!));
  makeVideo(video, { seconds: 1, size: "80x48" });
  const { code, stderr } = await frames("--indices", "0,5");
  assert.equal(code, 1);
  assert.match(stderr, /000000_0\.000s\.png: other options made it of an older version of the file: .*--force/);
  assert.deepEqual(names(out), ["000000_0.000s.png"]);
  assert.ok(readFileSync(join(out, images(out)[0]!)).equals(before));
  await done(frames("--indices", "0,5", "--force"));
  assert.equal((await sharp(join(out, images(out)[0]!)).metadata()).width, 80);
  assertConsistent(out);
});

test("a file of the user that has an image's name is an error, also with --force; the other videos are done", async () => {
  const { video, out, frames } = place();
  await done(frames("--indices", "0"));
  const mine = join(out, basename(video, ".mp4"), "000005_0.200s.png");
  writeFileSync(mine, "mine");
  const other = makeVideo(join(folder, "other.mp4"), { seconds: 1 });
  for (const force of [[], ["--force"]]) {
    const { code, stderr } = await frames(other, "--indices", "5", ...force);
    assert.equal(code, 1);
    assert.match(stderr, /000005_0\.200s\.png: is there, and was not made by framepool: move it/);
    assert.match(stderr, /1 file failed/);
    assert.equal(readFileSync(mine, "utf8"), "mine");
  }
  rmSync(mine);
  assertConsistent(out);
  assert.deepEqual(
    manifest(out).map(({ index }) => index),
    [0, 5],
  );
});

test("a folder in the place of an image of ours is left as it is, and named once", async () => {
  const { out, frames } = place();
  await done(frames("--indices", "0,10"));
  const path = join(out, images(out)[0]!);
  rmSync(path);
  mkdirSync(path);
  const { code, stderr } = await frames("--indices", "0,10");
  assert.equal(code, 1);
  assert.equal(stderr.split(": cannot be written: ").length, 2, stderr);
  assert.ok(stderr.startsWith(`framepool: ${path}: `), stderr);
  assert.ok(statSync(path).isDirectory());
});

test("a failing run leaves what was there, and no trace of its own", async () => {
  const { video, out, frames } = place();
  await done(frames("--indices", "0"));
  const key = basename(video, ".mp4");
  const before = readdirSync(join(out, key));
  assert.equal((await frames("--indices", "0,1000")).code, 1);
  assert.deepEqual(readdirSync(join(out, key)), before);
  assertConsistent(out);
});

test("what an earlier version of framepool recorded is known as ours", async () => {
  const { video, out, frames } = place();
  await done(frames("--indices", "0"));
  const path = join(out, basename(video, ".mp4"), ".framepool.json");
  const { source, made } = JSON.parse(readFileSync(path, "utf8")) as { source: string; made: unknown[] };
  writeFileSync(path, JSON.stringify({ version: 1, source, made: made[0] }));
  assert.match(await done(frames("--indices", "0")), /1 file unchanged/);
  await done(frames("--indices", "1"));
  assert.equal(images(out).length, 2);
  assertConsistent(out);
});

test("a manifest.jsonl that framepool did not write stays as it is: choose another folder", async () => {
  for (const text of ["not json\n", '{"source":"a.mp4","label":"cat"}\n', '{"image":"a.png"}', "{}\n"]) {
    const { out, frames } = place();
    mkdirSync(out);
    writeFileSync(join(out, "manifest.jsonl"), text);
    const { code, stderr } = await frames("--indices", "0");
    assert.equal(code, 1);
    assert.match(stderr, /manifest\.jsonl: has lines that framepool did not write: choose another --out/);
    assert.deepEqual(readdirSync(out), ["manifest.jsonl"]);
    assert.equal(readFileSync(join(out, "manifest.jsonl"), "utf8"), text);
  }
});

test("sheet: a name of its own choice replaces sheets alone, a name that was given anything, and it says so", async () => {
  const video = makeVideo(join(folder, "drawn.mp4"), { seconds: 1 });
  const own = join(folder, "drawn-sheet.jpg");
  const sheet = (...args: string[]): Promise<Finished> => framepool(["sheet", video, ...args], { cwd: folder });
  assert.match(await done(sheet()), /drawn-sheet\.jpg: 16 pictures/);
  assert.match(await done(sheet("--count", "2")), /drawn-sheet\.jpg, replaced: 2 pictures/);
  await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } }).toFile(own);
  const mine = readFileSync(own);
  const { code, stderr } = await sheet();
  assert.equal(code, 2);
  assert.match(stderr, /drawn-sheet\.jpg is there, and is no sheet of framepool: name one with --out/);
  assert.ok(readFileSync(own).equals(mine));
  assert.match(await done(sheet("-o", "drawn-sheet.jpg")), /drawn-sheet\.jpg, replaced: 16 pictures/);
});
