import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import {
  assertConsistent,
  finish,
  framepool,
  images,
  launch,
  makeVideo,
  manifest,
  temporaryFolder,
} from "./support.js";

const folder = temporaryFolder();
// Long enough to be interrupted: 500 frames to be written as PNG.
const long = makeVideo(join(folder, "long.mp4"), { seconds: 20, size: "640x360" });
const short = makeVideo(join(folder, "short.mp4"), { seconds: 1 });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

function leftovers(out: string): string[] {
  return readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) => /\.part$|\.lock$/.test(name));
}

function frames(out: string): string[] {
  return ["frames", short, long, "--every", "40ms", "--out", out];
}

for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`${signal} ends with ${exitCode}, leaves whole files only, and the next run goes on`, async () => {
    const out = join(folder, `out-${signal}`);
    const child = launch(frames(out));
    const finished = finish(child);
    await until(() => existsSync(join(out, "long")) && images(out).length > 40);
    child.kill(signal);
    const { code, stderr } = await finished;
    assert.equal(code, exitCode);
    assert.match(stderr, /^framepool: interrupted; 25 images of 1 file; run it again to go on\n$/);
    assert.deepEqual(leftovers(out), []);
    assert.equal(existsSync(join(out, "long")), false);
    assert.equal(manifest(out).length, 25);
    assertConsistent(out);
    const again = await framepool(frames(out));
    assert.equal(again.code, 0);
    assert.match(again.stderr, /500 images of 1 file, 1 file unchanged/);
    assertConsistent(out);
  });
}

test("SIGINT takes back what is made of files that one worker does alone", async () => {
  const out = join(folder, "out-alone");
  const alone = makeVideo(join(folder, "alone.mp4"), { seconds: 7, size: "640x360" });
  const child = launch(["frames", alone, "--all", "--out", out]);
  const finished = finish(child);
  await until(() => images(out).length > 10);
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  assert.equal(code, 130);
  assert.match(stderr, /^framepool: interrupted; 0 images of 0 files; /);
  assert.deepEqual(readdirSync(out), []);
});

test("after a process that was killed, the next run mends everything", async () => {
  const out = join(folder, "out-killed");
  const child = launch(frames(out));
  const finished = finish(child);
  await until(() => existsSync(join(out, "long")) && images(out).length > 60);
  child.kill("SIGKILL");
  await finished;
  const { code } = await framepool(frames(out));
  assert.equal(code, 0);
  assert.deepEqual(leftovers(out), []);
  assert.equal(manifest(out).length, 525);
  assertConsistent(out);
});

test("SIGINT while waiting for a list on standard input", async () => {
  const out = join(folder, "out-waiting");
  const child = launch(["frames", "-", "--count", "2", "--out", out]);
  const closed = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  child.stdin?.write(`${short}\n`);
  await until(() => existsSync(join(out, "manifest.jsonl")));
  child.kill("SIGINT");
  assert.equal(await closed, 130);
  assert.deepEqual(leftovers(out), []);
  assertConsistent(out);
});
