import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { intra, plain } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { contents, samplesOf } from "../dataset/support.js";
import { installedCopy } from "./installed.js";
import { framepool, makeVideo } from "./support.js";

describe("framepool dataset", () => {
  const root = temporaryFolder();
  const inputs = [plain.path(), intra.path()];
  const size = ["--count", "3", "--inputs-per-shard", "1"];

  it("writes shards, shares them out, and joins their tables", async () => {
    const [one, shared] = [join(root, "one"), join(root, "shared")];
    const whole = await framepool(["dataset", ...inputs, ...size, "--to", one]);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(whole.stderr, /^framepool: 2 shards made, 6 samples, in [\d.]+ s\n$/);
    assert.equal(whole.stdout, "");
    const first = await framepool(["dataset", ...inputs, ...size, "--to", shared, "--shard", "0/2"]);
    assert.match(first.stderr, /1 shard of 2 made, 3 samples/);
    const early = await framepool(["dataset", "merge", shared]);
    assert.equal(early.code, 1);
    assert.match(early.stderr, /1 of 2 shards are missing: 000001 \(E_NOT_FOUND\)/);
    const env = { ...process.env, JOB_COMPLETION_INDEX: "1" };
    const second = await framepool(["dataset", ...inputs, ...size, "--to", shared, "--shards", "2"], { env });
    assert.equal(second.code, 0, second.stderr);
    assert.deepEqual(contents(shared), contents(one));
    const merged = await framepool(["dataset", "merge", shared]);
    assert.equal(merged.code, 0, merged.stderr);
    assert.equal(readFileSync(join(shared, "samples.jsonl"), "utf8").split("\n").length, 7);
  });

  it("writes clips as arrays, with sound", async () => {
    const to = join(root, "clips");
    const video = makeVideo(join(root, "sounding.mkv"), { sound: true });
    const clip = ["--clip", "3", "--clip-step", "2", "--format", "npy", "--sound", "0.5s", "--sound-rate", "8000"];
    const { code, stderr } = await framepool(["dataset", video, "--count", "2", ...clip, "--to", to]);
    assert.equal(code, 0, stderr);
    const [sample] = await samplesOf(join(to, "000000.tar"));
    assert.deepEqual(Object.keys(sample?.files ?? {}), ["npy", "wav", "json"]);
    const { indices, soundSamples } = JSON.parse(Buffer.from(sample?.files["json"] ?? []).toString()) as Record<
      string,
      unknown
    >;
    assert.deepEqual([indices, soundSamples], [[0, 2, 4], 4000]);
  });

  it("keeps what is there, and says what cannot be read", async () => {
    const to = join(root, "bad");
    const args = ["dataset", ...inputs, join(root, "nowhere.mp4"), "--every", "1", "--to", to];
    const first = await framepool(args);
    assert.equal(first.code, 1);
    assert.match(first.stderr, /nowhere\.mp4.*\(E_NOT_FOUND\)\nframepool: 1 shard made, \d+ samples/);
    const again = await framepool(args);
    assert.match(again.stderr, /0 shards made, 1 there already/);
    const other = await framepool(["dataset", ...inputs, "--every", "2", "--to", to]);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /holds a data set of other inputs or options.*\(E_EXISTS\)/);
  });

  it("says what is in the way of a shard that cannot be written, and leaves nothing of it", async () => {
    const to = join(root, "small");
    const main = fileURLToPath(new URL("../../src/bundle/main.js", import.meta.url));
    const script = `ulimit -f 16; exec "$0" "$@"`;
    const args = [process.execPath, main, "dataset", ...inputs, "--all", "--format", "png", "--to", to];
    const { status, stderr } = spawnSync("sh", ["-c", script, ...args], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^framepool: .*000000\.tar: cannot be written: EFBIG.*\(E_IO\)\n$/);
    assert.deepEqual(readdirSync(to), ["dataset.json"]);
  });

  it("says what to install for addresses of S3", async () => {
    const copy = installedCopy({ packages: ["modern-tar", "ipaddr.js"] });
    for (const args of [
      [inputs[0] ?? "", "--to", "s3://bucket/set"],
      ["s3://bucket/videos/", "--to", join(root, "from-s3")],
    ]) {
      const { code, stderr } = await framepool(["dataset", ...args, "--count", "2"], { root: copy });
      assert.equal(code, 1);
      assert.match(stderr, /^framepool: .*npm install @aws-sdk\/client-s3 .*\(E_ADDON\)\n$/);
    }
    assert.equal(
      (await framepool(["dataset", inputs[0] ?? "", "--to", join(root, "no-s3"), "--all"], { root: copy })).code,
      0,
    );
  });

  it("refuses wrong command lines before anything is made", async () => {
    const to = join(root, "never");
    for (const [args, what] of [
      [["--count", "3", "--to", to], /which files/],
      [[...inputs, "--to", to], /which frames/],
      [[...inputs, "--count", "3"], /--to DIR/],
      [[...inputs, "--count", "3", "--to", to, "--shard", "2/2"], /--shard takes I\/N/],
      [[...inputs, "--count", "3", "--to", to, "--shards", "2"], /JOB_COMPLETION_INDEX or SLURM_ARRAY_TASK_ID/],
      [[...inputs, "--count", "3", "--to", to, "--shard-size", "x"], /500M or 1G/],
      [[...inputs, "--count", "3", "--to", to, "--layout", "zip"], /webdataset or folders/],
      [
        [...inputs, "--count", "3", "--to", "s3://x/y", "--s3-endpoint", "here"],
        /--s3-endpoint takes an http: or https: URL/,
      ],
      [[...inputs, "--count", "3", "--to", to, "--clip", "0"], /--clip takes a whole number/],
      [[...inputs, "--count", "3", "--to", to, "--clip-step", "2"], /--clip-step is for --clip/],
      [[...inputs, "--count", "3", "--to", to, "--sound-rate", "8000"], /are for --sound/],
      [[...inputs, "--count", "3", "--to", to, "--sound", "2h"], /--sound takes seconds/],
      [[...inputs, "--count", "3", "--to", to, "--format", "npy", "--quality", "3"], /npy loses nothing/],
      [["merge"], /which folder/],
    ] as const) {
      const { code, stderr } = await framepool(["dataset", ...args]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, what);
    }
    assert.ok(!readdirSync(root).includes("never"));
  });
});
