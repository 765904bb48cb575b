import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { slashed } from "../../src/cli/inputs.js";
import { expandWildcards } from "../../src/cli/wildcards.js";
import { framepool, makeVideo, manifest, temporaryFolder } from "./support.js";

// What only Windows needs, as far as it can be seen elsewhere.
const folder = temporaryFolder();

test("a file named like a device of Windows gets a folder that can exist there", async () => {
  const names = ["NUL.mp4", "com1.mp4", "Aux.take2.mp4", "console.mp4"];
  const videos = names.map((name) => makeVideo(join(folder, name), { seconds: 1 }));
  const out = join(folder, "out");
  const { code, stderr } = await framepool(["frames", ...videos, "--count", "1", "--out", out]);
  assert.equal(code, 0, stderr);
  const keys = manifest(out).map(({ key }) => key);
  assert.deepEqual(keys.sort(), ["Aux_.take2", "NUL_", "com1_", "console"]);
});

test("arguments with wildcards name the files that there are", () => {
  const videos = join(folder, "videos");
  mkdirSync(videos);
  for (const name of ["b.mp4", "a.MP4", "c[1].mp4", "d.mkv", ".hidden.mp4"]) writeFileSync(join(videos, name), "");
  const named = (pattern: string): string[] => expandWildcards(join(videos, pattern));
  const paths = (...names: string[]): string[] => names.map((name) => join(videos, name));
  assert.deepEqual(named("*.mp4"), paths("a.MP4", "b.mp4", "c[1].mp4"));
  assert.deepEqual(named("?.m*"), paths("a.MP4", "b.mp4", "d.mkv"));
  assert.deepEqual(named("c[1]*"), paths("c[1].mp4"));
  assert.deepEqual(named(".h*"), paths(".hidden.mp4"));
  assert.deepEqual(named("*.avi"), paths("*.avi"));
  assert.deepEqual(named("b.mp4"), paths("b.mp4"));
  assert.deepEqual(expandWildcards("https://host/a?b=*"), ["https://host/a?b=*"]);
  assert.deepEqual(expandWildcards(join(folder, "none", "*.mp4")), [join(folder, "none", "*.mp4")]);
});

test("a data set names its videos as other systems do", () => {
  const onWindows = (name: string): string => slashed(name, "\\");
  assert.equal(onWindows("videos\\a\\b.mp4"), "videos/a/b.mp4");
  assert.equal(onWindows("C:\\videos\\b.mp4"), "C:/videos/b.mp4");
  assert.equal(onWindows("\\\\server\\share\\b.mp4"), "//server/share/b.mp4");
  assert.equal(onWindows("\\\\?\\C:\\b.mp4"), "\\\\?\\C:\\b.mp4");
  assert.equal(slashed("a\\b.mp4", "/"), "a\\b.mp4");
});
