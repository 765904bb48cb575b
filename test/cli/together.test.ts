import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import sharp from "sharp";
import { assertConsistent, finish, framepool, launch, makeVideo, manifest, temporaryFolder } from "./support.js";

// Processes that use one folder at the same time.

const folder = temporaryFolder();
const video = makeVideo(join(folder, "a.mp4"), { seconds: 1 });
const pause = new URL("../support/pause.js", import.meta.url).href;

const children: ChildProcess[] = [];

after(() => {
  // Those of a test that failed.
  for (const child of children) child.kill("SIGKILL");
});

function begin(...args: Parameters<typeof launch>): ChildProcess {
  const child = launch(...args);
  children.push(child);
  return child;
}

function newOut(): string {
  return mkdtempSync(join(folder, "out-"));
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

function exited(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once("exit", resolve));
}

/** A command that has the folder until its standard input ends. */
async function holding(out: string): Promise<ChildProcess> {
  const child = begin(["frames", "-", "--count", "1", "--out", out]);
  const before = existsSync(join(out, "manifest.jsonl")) ? manifest(out).length : 0;
  child.stdin?.write(`${makeVideo(join(mkdtempSync(join(folder, "in-")), `v${before}.mp4`), { seconds: 1 })}\n`);
  await until(() => existsSync(join(out, "manifest.jsonl")) && manifest(out).length > before);
  return child;
}

/** A command that stops at its first call of a function until `go`. */
async function paused(call: string, args: readonly string[]): Promise<{ child: ChildProcess; go: () => void }> {
  const signs = mkdtempSync(join(folder, "pause-"));
  const env = { ...process.env, NODE_OPTIONS: `--import=${pause}`, FRAMEPOOL_TEST_PAUSE: `${call}=${signs}` };
  const child = begin(args, { env });
  await until(() => existsSync(join(signs, "reached")) || child.exitCode !== null);
  return {
    child,
    go: () => {
      writeFileSync(join(signs, "go"), "");
    },
  };
}

function hidden(out: string): string[] {
  return readdirSync(out).filter((name) => name.startsWith("."));
}

const frames = (out: string): string[] => ["frames", video, "--count", "2", "--out", out];
const isHeld = /^framepool: .*\.framepool\.lock: another framepool is writing to this folder\n$/;

test("of two processes that find the lock of a dead one at the same time, one gets it", async () => {
  const out = newOut();
  const dead = await holding(out);
  dead.kill("SIGKILL");
  await exited(dead);
  // It has looked, and not taken it yet.
  const { child, go } = await paused("kill", frames(out));
  const late = finish(child);
  const first = await holding(out);
  go();
  const { code, stderr } = await late;
  assert.equal(code, 1);
  assert.match(stderr, isHeld);
  assert.equal((await finish(first)).code, 0);
  assert.deepEqual(hidden(out), []);
  assertConsistent(out);
});

test("of two processes that find no lock at the same time, one gets it", async () => {
  const out = newOut();
  const { child, go } = await paused("renameSync", frames(out));
  const late = finish(child);
  const first = await holding(out);
  go();
  assert.match((await late).stderr, isHeld);
  assert.equal((await finish(first)).code, 0);
  assert.deepEqual(hidden(out), []);
});

test("a process that slept for so long that another took its folder leaves that one's lock", async () => {
  const out = newOut();
  const slept = await holding(out);
  age(out);
  const next = await holding(out);
  assert.equal((await finish(slept)).code, 0);
  assert.match((await framepool(frames(out))).stderr, isHeld);
  assert.equal((await finish(next)).code, 0);
  assert.equal((await framepool(frames(out))).code, 0);
});

/** Makes the lock look as if it had not been refreshed for two minutes. */
function age(out: string): void {
  const lock = join(out, ".framepool.lock");
  const time = Date.now() / 1000 - 120;
  for (const name of readdirSync(lock)) utimesSync(join(lock, name), time, time);
}

test("the lock of another machine counts as long as that refreshes it", async () => {
  const out = newOut();
  const lock = join(out, ".framepool.lock");
  mkdirSync(lock);
  writeFileSync(join(lock, `00000000-${2 ** 22 + 1}-00000000`), "");
  assert.match((await framepool(frames(out))).stderr, isHeld);
  age(out);
  assert.equal((await framepool(frames(out))).code, 0);
  assert.deepEqual(hidden(out), []);
});

test("what a process leaves that is killed while it takes the folder is removed, also an empty lock", async () => {
  const out = newOut();
  const { child } = await paused("renameSync", frames(out));
  const gone = exited(child);
  child.kill("SIGKILL");
  await gone;
  mkdirSync(join(out, ".framepool.lock"));
  assert.equal(hidden(out).length, 2);
  assert.equal((await framepool(frames(out))).code, 0);
  assert.deepEqual(hidden(out), []);
});

test("two processes may make the same sheet at the same time", async () => {
  const sheet = join(folder, "sheet.jpg");
  const args = ["sheet", video, "--count", "4", "--out", sheet];
  const { child, go } = await paused("renameSync", args);
  const late = finish(child);
  assert.equal((await framepool(args)).code, 0);
  const whole = readFileSync(sheet);
  go();
  const { code, stderr } = await late;
  assert.equal(code, 0, stderr);
  assert.ok(readFileSync(sheet).equals(whole));
  assert.equal((await sharp(sheet).metadata()).format, "jpeg");
});
