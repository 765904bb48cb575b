import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { framepool, makeVideo, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
// Two seconds.
const video = makeVideo(join(folder, "talk.mp4"));

test("sprite writes sheets, and a track whose cues lie on them; it replaces them only if told to", async () => {
  const args = [
    "sprite",
    video,
    "--every",
    "500ms",
    "--tile",
    "3x1",
    "--width",
    "32",
    "--out",
    join(folder, "talk.vtt"),
  ];
  const { code, stderr } = await framepool(args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /talk\.vtt: 4 pictures of .*talk\.mp4 on 2 sheets\n$/);
  assert.deepEqual(readdirSync(folder).sort(), ["talk-0.jpg", "talk-1.jpg", "talk.mp4", "talk.vtt"]);
  const cues = [...readFileSync(join(folder, "talk.vtt"), "utf8").matchAll(/^(.*)#xywh=(\d+),(\d+),(\d+),(\d+)$/gm)];
  assert.equal(cues.length, 4);
  for (const [, name = "", ...place] of cues) {
    const { width, height } = await sharp(join(folder, name)).metadata();
    const [x = 0, y = 0, w = 0, h = 0] = place.map(Number);
    assert.ok(w === 32 && x + w <= width && y + h <= height, name);
  }
  const again = await framepool(args);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /talk-0\.jpg is there/);
  assert.equal((await framepool([...args, "--force"])).code, 0);
});

test("scenes lists where they begin", async () => {
  const { code, stdout } = await framepool(["scenes", video, "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { start: 0, startSeconds: 0, score: 100, stop: 50, stopSeconds: 2 });
  assert.match((await framepool(["scenes", video])).stdout, /^frame 0 {2}0:00\.000 {2}2\.000 s {2}score 100\.0\n$/);
  assert.equal((await framepool(["scenes", join(folder, "missing.mp4")])).code, 1);
});
