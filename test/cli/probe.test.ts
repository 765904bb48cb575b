import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { finish, framepool, launch, makeSound, makeVideo, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
makeVideo(join(folder, "a.mp4"), { seconds: 2, size: "64x48", rate: 25 });
makeVideo(join(folder, "b.mkv"), { seconds: 1, size: "80x60", rate: 10 });
makeSound(join(folder, "sound.wav"));
writeFileSync(join(folder, "text.mp4"), "this is text, and no video\n");
writeFileSync(join(folder, "empty.mp4"), "");
mkdirSync(join(folder, "folder.mp4"));

interface Probed {
  readonly file: string;
  readonly codec?: string;
  readonly width?: number;
  readonly numFrames?: number;
  readonly durationSeconds?: number;
  readonly audio?: { readonly sampleRate: number } | null;
  readonly streams?: readonly { readonly index: number; readonly kind: string }[];
  readonly error?: { readonly code: string; readonly message: string };
}

function parseLines(text: string): Probed[] {
  assert.ok(text.endsWith("\n"));
  return text
    .slice(0, -1)
    .split("\n")
    .map((line) => JSON.parse(line) as Probed);
}

test("prints a readable table for each file, in the order given", async () => {
  const { code, stdout, stderr } = await framepool(["probe", "b.mkv", "a.mp4"], { cwd: folder });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^b\.mkv\n(?: {2}.*\n)* {2}size {7}80x60\n {2}frames {5}10\n(?: {2}.*\n)*a\.mp4\n/);
  assert.match(stdout, / {2}codec {6}mpeg4, yuv420p\n/);
  assert.match(stdout, / {2}time {7}0:02\.000 \(from 0:00\.000 to 0:02\.000\)\n/);
});

test("says what the sound is", async () => {
  const clip = join(folder, "both.mkv");
  makeVideo(clip, { seconds: 1, size: "64x48", rate: 25, sound: true });
  const { stdout } = await framepool(["probe", "both.mkv", "a.mp4"], { cwd: folder });
  assert.match(stdout, / {2}sound {6}pcm_s16le, 44100 Hz, (?:mono|1 channel), stream 1\n/);
  assert.match(stdout, / {2}sound {6}none\n/);
  assert.match(stdout, / {2}streams {4}0 video \w+, 1 audio pcm_s16le\n/);
  const json = await framepool(["probe", "both.mkv", "a.mp4", "--json"], { cwd: folder });
  const [both, silent] = parseLines(json.stdout);
  assert.equal(both?.audio?.sampleRate, 44100);
  assert.equal(silent?.audio, null);
  assert.deepEqual(
    both.streams?.map(({ index, kind }) => [index, kind]),
    [
      [0, "video"],
      [1, "audio"],
    ],
  );
});

test("--json prints one object per file and line", async () => {
  const { code, stdout } = await framepool(["probe", "a.mp4", "b.mkv", "--json"], { cwd: folder });
  assert.equal(code, 0);
  const summary = parseLines(stdout).map(({ file, codec, width, numFrames }) => ({ file, codec, width, numFrames }));
  assert.deepEqual(summary, [
    { file: "a.mp4", codec: "mpeg4", width: 64, numFrames: 50 },
    { file: "b.mkv", codec: "mpeg4", width: 80, numFrames: 10 },
  ]);
});

test("a bad file is one line on stderr, the others are printed, and the exit code is 1", async () => {
  const bad = { "text.mp4": "E_UNSUPPORTED_FORMAT", "empty.mp4": "E_UNSUPPORTED_FORMAT", "none.mp4": "E_NOT_FOUND" };
  const more = { "sound.wav": "E_NO_STREAM", "folder.mp4": "E_NOT_A_FILE" };
  const expected = Object.entries({ ...bad, ...more });
  const names = expected.map(([name]) => name);
  const { code, stdout, stderr } = await framepool(["probe", "a.mp4", ...names, "b.mkv", "--json"], { cwd: folder });
  assert.equal(code, 1);
  const lines = parseLines(stdout);
  assert.deepEqual(
    lines.map(({ file, error }) => [file, error?.code]),
    [["a.mp4", undefined], ...expected, ["b.mkv", undefined]],
  );
  const messages = stderr.trimEnd().split("\n");
  assert.equal(messages.length, expected.length);
  for (const [row, [name, errorCode]] of expected.entries()) {
    const message = messages[row] ?? "";
    assert.match(message, new RegExp(`^framepool: ${name}: [^:]+ \\(${errorCode}\\)`));
    assert.equal(message.split(name).length, 2, `the name stands once in: ${message}`);
    assert.ok(!message.includes(folder), `no second path in: ${message}`);
  }
});

test("- reads a list from standard input: lines, CRLF lines, or separated by NUL", async () => {
  for (const stdin of ["a.mp4\nb.mkv\n", "a.mp4\nb.mkv", "a.mp4\r\n\r\nb.mkv\r\n", "a.mp4\0b.mkv\0"]) {
    const { code, stdout } = await framepool(["probe", "-", "--json"], { cwd: folder, stdin });
    assert.equal(code, 0);
    assert.deepEqual(
      parseLines(stdout).map(({ file }) => file),
      ["a.mp4", "b.mkv"],
    );
  }
});

test("an empty list is no mistake, and a file named twice is probed once", async () => {
  assert.deepEqual(await framepool(["probe", "-"], { cwd: folder }), { code: 0, stdout: "", stderr: "" });
  const { stdout } = await framepool(["probe", "a.mp4", "./a.mp4", join(folder, "a.mp4"), "--json"], { cwd: folder });
  assert.equal(parseLines(stdout).length, 1);
});

test("a reader that has had enough is no failure", async () => {
  const names = Array.from({ length: 40 }, (_, i) => `copy-${i}.mp4`);
  for (const name of names) copyFileSync(join(folder, "a.mp4"), join(folder, name));
  const child = launch(["probe", ...names, "--json"], { cwd: folder });
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { stderr } = await finish(child);
  assert.equal(stderr, "");
});
