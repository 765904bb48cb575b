import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { framepool, makeVideo, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const video = makeVideo(join(folder, "talk.mkv"), { seconds: 2, size: "64x48" });
// A whole second, which can be set again.
utimesSync(video, 1, 1);

const commands = {
  probe: ["probe", "talk.mkv", "--json"],
  frames: ["frames", "talk.mkv", "--indices", "0", "--format", "jpeg", "--out", "frames"],
  dataset: ["dataset", "talk.mkv", "--indices", "0", "--to", "shards"],
  scenes: ["scenes", "talk.mkv"],
} as const;

test("--index-cache: what one command reads a file through for, all others find there", async () => {
  const cached: string[] = [];
  for (const [name, args] of Object.entries(commands)) {
    const cache = join(folder, `cache-${name}`);
    const { code, stderr } = await framepool([...args, "--index-cache", cache], { cwd: folder });
    assert.equal(code, 0, stderr);
    cached.push(...readdirSync(cache));
  }
  assert.equal(cached.length, 4);
  assert.equal(new Set(cached).size, 1, cached.join());
});

test("--index-cache spares the reading", async () => {
  const cache = join(folder, "cache-probe");
  assert.ok(existsSync(cache));
  const bytes = readFileSync(video);
  // Who reads it through finds fewer frames than there were.
  writeFileSync(video, Buffer.from(bytes).fill(0, bytes.length >> 1));
  utimesSync(video, 1, 1);
  const counted = async (...more: readonly string[]): Promise<unknown> => {
    const { stdout } = await framepool([...commands.probe, ...more], { cwd: folder });
    return (JSON.parse(stdout) as { readonly numFrames?: number }).numFrames;
  };
  assert.equal(await counted("--index-cache", cache), 50);
  assert.notEqual(await counted(), 50);
  mkdirSync(join(folder, "empty"));
  assert.notEqual(await counted("--index-cache", join(folder, "empty")), 50);
});

test("--index-cache takes a folder", async () => {
  const { code, stderr } = await framepool([...commands.probe, "--index-cache", ""], { cwd: folder });
  assert.equal(code, 2);
  assert.match(stderr, /--index-cache takes a folder/);
});
