import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertConsistent, framepool, images, makeVideo, manifest, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const first = makeVideo(join(folder, "first.mp4"));
const second = makeVideo(join(folder, "second.mp4"), { seconds: 1 });
let outs = 0;

/** Two videos, three images each, made once. */
async function madeOnce(): Promise<{ out: string; again: (...more: string[]) => Promise<string> }> {
  outs += 1;
  const out = join(folder, `out-${outs}`);
  const args = ["frames", first, second, "--count", "3", "--out", out];
  const again = async (...more: string[]): Promise<string> => {
    const { code, stderr } = await framepool([...args, ...more]);
    assert.equal(code, 0, stderr);
    assertConsistent(out);
    return stderr;
  };
  await again();
  return { out, again };
}

/** Which images were written since: their inode and time of change tell. */
function versions(out: string): Map<string, string> {
  const version = (name: string): string => {
    const { ino, ctimeNs } = statSync(join(out, name), { bigint: true });
    return `${ino} ${ctimeNs}`;
  };
  return new Map(images(out).map((name) => [name, version(name)]));
}

function rewritten(out: string, before: Map<string, string>): string[] {
  return [...versions(out)].filter(([name, version]) => before.get(name) !== version).map(([name]) => name);
}

test("the same options write nothing again, and the manifest stays as it is", async () => {
  const { out, again } = await madeOnce();
  const before = versions(out);
  const lines = readFileSync(join(out, "manifest.jsonl"), "utf8");
  assert.match(await again(), /0 images of 0 files, 2 files unchanged/);
  assert.deepEqual(versions(out), before);
  assert.equal(readFileSync(join(out, "manifest.jsonl"), "utf8"), lines);
});

test("--force writes all again", async () => {
  const { out, again } = await madeOnce();
  const before = versions(out);
  assert.match(await again("--force"), /6 images of 2 files/);
  assert.equal(rewritten(out, before).length, 6);
  assert.equal(manifest(out).length, 6);
});

test("another file of the same name in its place is a new file", async () => {
  const changing = makeVideo(join(folder, "changing.mp4"), { seconds: 1 });
  const out = join(folder, "changing-out");
  const args = ["frames", changing, second, "--count", "3", "--out", out];
  await framepool(args);
  const before = versions(out);
  makeVideo(changing, { seconds: 2 });
  const { stderr } = await framepool(args);
  assert.match(stderr, /3 images of 1 file, 1 file unchanged/);
  assert.deepEqual(new Set(rewritten(out, before).map((name) => name.split("/")[0])), new Set(["changing"]));
  assert.deepEqual(
    manifest(out)
      .filter(({ key }) => key === "changing")
      .map(({ index }) => index),
    [0, 24, 49],
  );
  assertConsistent(out);
});

test("the time of change alone makes a file a changed one", async () => {
  const touched = makeVideo(join(folder, "touched.mp4"), { seconds: 1 });
  const args = ["frames", touched, "--count", "2", "--out", join(folder, "touched-out")];
  await framepool(args);
  utimesSync(touched, new Date(), new Date(Date.now() + 5000));
  assert.match((await framepool(args)).stderr, /2 images of 1 file/);
});

test("a deleted or damaged image is made again, and nothing else", async () => {
  const { out, again } = await madeOnce();
  const before = versions(out);
  const lines = manifest(out);
  const [deleted, damaged] = [images(out)[1]!, images(out)[5]!];
  rmSync(join(out, deleted));
  truncateSync(join(out, damaged), 10);
  assert.match(await again(), /2 images of 2 files/);
  assert.deepEqual(rewritten(out, before), [deleted, damaged]);
  const byPath = (a: { path: string }, b: { path: string }): number => a.path.localeCompare(b.path);
  assert.deepEqual(manifest(out).sort(byPath), lines.sort(byPath));
});

test("what a process that was killed has left is mended: its folder, its staged images, its images put in place", async () => {
  const { out, again } = await madeOnce();
  const before = versions(out);
  const record = join(out, "first", ".framepool.json");
  const { made } = JSON.parse(readFileSync(record, "utf8")) as { made: { images: { file: string }[] }[] };
  const [, , third] = made[0]!.images.map(({ file }) => file);
  // Killed while it put images in their place: those of the record may be there or not, old or new.
  writeFileSync(join(out, "first", "000007_0.280s.png"), "of another version");
  rmSync(join(out, "first", third!));
  const unfinished = [...made[0]!.images.map(({ file }) => file), "000007_0.280s.png"];
  writeFileSync(record, JSON.stringify({ version: 2, source: first, made: [], unfinished }));
  mkdirSync(join(out, "first", ".framepool-images.part"));
  writeFileSync(join(out, "first", ".framepool-images.part", third!), "half");
  assert.match(await again(), /3 images of 1 file, 1 file unchanged/);
  assert.deepEqual(new Set(rewritten(out, before).map((name) => name.split("/")[0])), new Set(["first"]));
});

test("files of the user in a folder of ours stay", async () => {
  const { out, again } = await madeOnce();
  const notes = join(out, "first", "notes.txt");
  writeFileSync(notes, "mine");
  const { code } = await framepool(["frames", first, second, "--count", "2", "--out", out]);
  assert.equal(code, 0);
  assert.equal(readFileSync(notes, "utf8"), "mine");
  rmSync(notes);
  await again();
});

test("a torn, glued or repeated line in the manifest is mended", async () => {
  const { out, again } = await madeOnce();
  const path = join(out, "manifest.jsonl");
  const lines = readFileSync(path, "utf8");
  const firstLine = lines.slice(0, lines.indexOf("\n"));
  const damages = [
    lines.slice(0, -20),
    lines.slice(0, -1),
    `${lines}${lines.slice(0, 50)}`,
    `\0\0\0\n${lines}`,
    `${lines}${lines}`,
    `${firstLine}\n${lines}`,
    "",
  ];
  for (const damage of damages) {
    writeFileSync(path, damage);
    assert.match(await again(), /0 images of 0 files, 2 files unchanged/);
    assert.equal(manifest(out).length, 6);
  }
  rmSync(path);
  await again();
});

test("a torn line does not spoil the lines that are added after it", async () => {
  const { out } = await madeOnce();
  appendFileSync(join(out, "manifest.jsonl"), '{"source":"/gone/video.mp4","key":"vid');
  const third = makeVideo(join(folder, "third.mp4"), { seconds: 1 });
  await framepool(["frames", third, "--count", "2", "--out", out]);
  assert.equal(manifest(out).length, 8);
  assertConsistent(out);
});

test("a file that can no longer be read keeps what was made of it", async () => {
  const gone = makeVideo(join(folder, "gone.mp4"), { seconds: 1 });
  const out = join(folder, "gone-out");
  const args = ["frames", gone, "--count", "2", "--out", out];
  await framepool(args);
  rmSync(gone);
  const { code, stderr } = await framepool(args);
  assert.equal(code, 1);
  assert.match(stderr, /E_NOT_FOUND/);
  assert.equal(manifest(out).length, 2);
  assertConsistent(out);
});
