import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertConsistent, framepool, images, makeVideo, manifest, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
let outs = 0;

function newOut(): string {
  outs += 1;
  return join(folder, `out-${outs}`);
}

function video(...parts: string[]): string {
  const path = join(folder, ...parts);
  mkdirSync(join(path, ".."), { recursive: true });
  return makeVideo(path, { seconds: 1 });
}

async function extract(out: string, ...videos: string[]): Promise<string> {
  const { code, stderr } = await framepool(["frames", ...videos, "--count", "2", "--out", out]);
  assert.equal(code, 0, stderr);
  assertConsistent(out);
  return stderr;
}

function keys(out: string): Map<string, string> {
  return new Map(manifest(out).map(({ source, key }) => [source, key]));
}

const a = video("a", "talk.mp4");
const b = video("b", "talk.mp4");
const otherType = video("a", "talk.mkv");
const otherCase = video("b", "Talk.mp4");

test("inputs that differ only by folder, extension or case get folders of their own", async () => {
  const out = newOut();
  await extract(out, a, b, otherType, otherCase);
  const names = [...keys(out).values()];
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, 4);
  assert.equal(keys(out).get(a), "talk");
  assert.equal(names.filter((name) => /^talk-[0-9a-f]{8}$/i.test(name)).length, 3);
  assert.equal(images(out).length, 8);
});

test("a source keeps its folder whatever else is extracted, before, after or not at all", async () => {
  const out = newOut();
  await extract(out, a);
  await extract(out, b);
  const before = keys(out);
  assert.match(await extract(out, b), /1 file unchanged/);
  assert.match(await extract(out, b, a), /2 files unchanged/);
  await extract(out, otherType, b, a);
  for (const [source, key] of before) assert.equal(keys(out).get(source), key);
});

test("a bad file does not take the name of a good one on the next run", async () => {
  const out = newOut();
  mkdirSync(join(folder, "bad"));
  const bad = join(folder, "bad", "talk.mp4");
  writeFileSync(bad, "text");
  const args = ["frames", bad, a, "--count", "2", "--out", out];
  assert.equal((await framepool(args)).code, 1);
  const before = keys(out);
  assert.match((await framepool(args)).stderr, /1 file unchanged, 1 file failed/);
  assert.deepEqual(keys(out), before);
  assert.deepEqual(readdirSync(out).sort(), ["manifest.jsonl", before.get(a)]);
});

test("a folder or file that is not ours is left alone", async () => {
  const out = newOut();
  mkdirSync(join(out, "talk"), { recursive: true });
  writeFileSync(join(out, "talk", "000000_0.000s.png"), "mine");
  await framepool(["frames", a, "--count", "2", "--out", out]);
  assert.equal(readFileSync(join(out, "talk", "000000_0.000s.png"), "utf8"), "mine");
  assert.match(keys(out).get(a) ?? "", /^talk-/);
});

test("names that would leave the folder, hide in it, or clash with our own files are made harmless", async () => {
  const out = newOut();
  const odd = ["...mp4", "....mp4", ".mp4", "manifest.jsonl.mp4", "a b 'c' \u00e9\u4e2d.mp4", `${"l".repeat(240)}.mp4`];
  const videos = odd.map((name) => video("odd", name));
  const before = readdirSync(folder).length;
  await extract(out, ...videos);
  assert.equal(readdirSync(folder).length, before + 1);
  assert.equal(keys(out).size, odd.length);
  assert.equal(new Set(keys(out).values()).size, odd.length);
  assert.ok([...keys(out).values()].every((key) => /^[^.]/.test(key)));
});
