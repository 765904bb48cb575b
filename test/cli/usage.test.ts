import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { framepool, makeVideo, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const video = makeVideo(join(folder, "talk.mp4"));
const out = join(folder, "out");

test("help of the program and of every command shows examples and goes to stdout", async () => {
  for (const args of [["--help"], ["-h"], ["help"], ["probe", "--help"], ["frames", "-h"], ["help", "sheet"]]) {
    const { code, stdout, stderr } = await framepool(args);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: framepool /);
    assert.match(stdout, /Examples?:\n {2}framepool /);
    assert.equal(stderr, "");
  }
});

test("--version prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const { code, stdout } = await framepool(["--version"]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${version}\n` });
});

const mistakes: [args: string[], complaint: RegExp][] = [
  [[], /say what to do/],
  [["extract", video], /unknown command extract/],
  [["probe"], /which files/],
  [["probe", video, "--jsno"], /unknown option --jsno/],
  [["frames", "--every", "1s", "--out", out], /which files/],
  [["frames", video, "--every", "1s"], /where to write: --out DIR/],
  [["frames", video, "--every", "1s", "--out", ""], /where to write: --out DIR/],
  [
    ["frames", video, "--out", out],
    /which frames: one of --every, --indices, --times, --fractions, --count, --keyframes, --range/,
  ],
  [["frames", video, "--count", "3", "--keyframes", "--out", out], /--count and --keyframes exclude each other/],
  [["frames", video, "--every", "--out", out], /--every/],
  [["frames", video, "--every", "fast", "--out", out], /--every takes seconds .* not "fast"/],
  [["frames", video, "--every", "0", "--out", out], /--every takes a time of at least 1ms/],
  [["frames", video, "--every", "-1s", "--out", out], /--every takes a time of at least 1ms/],
  [["frames", video, "--indices", "1,,2", "--out", out], /--indices takes a whole number .* not ""/],
  [["frames", video, "--indices", "1.5", "--out", out], /--indices takes a whole number .* not "1.5"/],
  [["frames", video, "--times", "1:90", "--out", out], /--times takes seconds .* not "1:90"/],
  [["frames", video, "--scenes", "--count", "2", "--out", out], /--scenes and --count exclude each other/],
  [["frames", video, "--fractions", "0.5,1.5", "--out", out], /--fractions takes numbers from 0 to 1.* not "1.5"/],
  [["frames", video, "--range", "5", "--out", out], /--range takes frames such as .* not "5"/],
  [["frames", video, "--range", "0:9:0", "--out", out], /--range takes a whole number from 1/],
  [["frames", video, "--range", "0s:1s:5", "--out", out], /10s:20s:2fps, not "5"/],
  [["frames", video, "--times", "1", "--from", "end", "--out", out], /--from takes start or clock, not "end"/],
  [["frames", video, "--count", "2", "--from", "start", "--out", out], /--from is for --times/],
  [["frames", video, "--every", "1s", "--clamp", "--out", out], /--clamp is for --indices/],
  [["frames", video, "--count", "0", "--out", out], /--count takes a whole number .* not "0"/],
  [["frames", video, "--count", "2", "--format", "gif", "--out", out], /--format takes png, jpeg, webp, not "gif"/],
  [["frames", video, "--count", "2", "--quality", "80", "--out", out], /--quality is for jpeg and webp/],
  [["frames", video, "--count", "2", "--format", "jpeg", "--quality", "101", "--out", out], /from 1 to 100/],
  [["frames", video, "--count", "2", "--resize", "640", "--out", out], /--resize takes 640x360, 640x or x360/],
  [["frames", video, "--count", "2", "--resize", "x", "--out", out], /--resize takes/],
  [["frames", video, "--count", "2", "--resize", "0x5", "--out", out], /--resize takes a whole number from 1/],
  [["frames", video, "--count", "2", "--sar", "square", "--out", out], /--sar takes keep, not "square"/],
  [["frames", video, "--count", "2", "--workers", "none", "--out", out], /--workers takes a whole number/],
  [["sheet"], /one file/],
  [["sheet", video, video], /one file/],
  [["sheet", video, "-o", "sheet.pdf"], /--out takes a name that ends in .jpg/],
  [["sheet", video, "--count", "4000", "--width", "8000", "-o", join(folder, "s.jpg")], /too large/],
];

test("a wrong command line is one line with a hint, exit code 2, and nothing done", async () => {
  for (const [args, complaint] of mistakes) {
    const { code, stdout, stderr } = await framepool(args, { cwd: folder });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, complaint);
    assert.match(stderr, /^framepool: [^\n]*; see framepool(?: probe| frames| sheet)? --help\n$/);
    assert.equal(stdout, "");
  }
  assert.equal(existsSync(out), false);
});

test("sheet does not overwrite its own video", async () => {
  const webp = makeVideo(join(folder, "moving.jpg.mp4"));
  const { code, stderr } = await framepool(["sheet", webp, "-o", join(folder, ".", "moving.jpg.mp4")]);
  assert.equal(code, 2);
  assert.match(stderr, /--out takes a name/);
});

test("-- ends the options, so that a file name may begin with a dash", async () => {
  makeVideo(join(folder, "./-dash.mp4"));
  const { code, stdout } = await framepool(["probe", "--json", "--", "-dash.mp4"], { cwd: folder });
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { file: string }).file, "-dash.mp4");
});
