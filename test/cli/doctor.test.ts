import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { versions } from "../../src/index.js";
import { holesOf } from "../../src/cli/ffmpeg-holes.js";
import { installedCopy } from "./installed.js";
import { finish, framepool, makeVideo, spawnNode, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const video = makeVideo(join(folder, "talk.mp4"), { seconds: 1 });

interface Findings {
  readonly ok: boolean;
  readonly versions: {
    readonly ffmpeg: { readonly version: string };
    readonly addon: { readonly path: string };
  } | null;
  readonly decoded: string | null;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
}

test("doctor says what is used and that it works, in lines and as JSON", async () => {
  const { framepool: own, ffmpeg, addon, runtime } = await versions();
  const { code, stdout, stderr } = await framepool(["doctor"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const fact of [own, ffmpeg.version, ffmpeg.configuration, addon.path, runtime, process.arch]) {
    assert.ok(stdout.includes(fact), fact);
  }
  assert.match(stdout, /^decoded +h264, 3 pictures of 16x32, as they must be$/m);
  assert.match(stdout, /^result +framepool works here$/m);
  const asJson = await framepool(["doctor", "--json"]);
  const findings = JSON.parse(asJson.stdout) as Findings;
  assert.equal(findings.ok, true);
  assert.equal(findings.error, null);
  assert.equal(findings.versions?.ffmpeg.version, ffmpeg.version);
});

test("without an addon doctor says so at once, with what to do, and so does every other command, once", async () => {
  const root = installedCopy({ addon: false, packages: ["sharp"] });
  const asJson = await framepool(["doctor", "--json"], { root });
  assert.equal(asJson.code, 1);
  const { ok, versions: known, error } = JSON.parse(asJson.stdout) as Findings;
  assert.deepEqual({ ok, known, code: error?.code }, { ok: false, known: null, code: "E_ADDON" });
  assert.match(error?.message ?? "", /npm install --include=optional @framepool\/|npx framepool build/);
  const inLines = await framepool(["doctor"], { root });
  assert.equal(inLines.code, 1);
  assert.match(inLines.stdout, /^result +framepool does not work here$/m);
  const out = join(folder, "no-addon");
  const frames = await framepool(["frames", video, video, "--count", "3", "--out", out], { root });
  assert.equal(frames.code, 1);
  assert.equal(frames.stderr.match(/E_ADDON/g)?.length, 1, frames.stderr);
});

test("a worker's file that was left behind is said, with what to set", async () => {
  const root = installedCopy({ addon: true });
  rmSync(join(root, "dist/workers/decode-worker.cjs"));
  const { code, stdout } = await framepool(["doctor", "--json"], { root });
  assert.equal(code, 1);
  const { error } = JSON.parse(stdout) as Findings;
  assert.equal(error?.code, "E_ADDON");
  assert.match(error.message, /serverExternalPackages/);
});

test("so is one that only the thread of a source imports", async () => {
  const root = installedCopy();
  rmSync(join(root, "dist/workers/io-sources.js"));
  const script = join(folder, "thread-source.mjs");
  writeFileSync(
    script,
    `import { VideoDecoder, workerSource } from ${JSON.stringify(pathToFileURL(join(root, "dist/src/bundle/index.js")))};
const source = workerSource(new URL("data:text/javascript,export default () => ({})"), {});
await VideoDecoder.open(source).catch(({ code, message }) => console.log(code, message));`,
  );
  const { stdout, stderr } = await finish(spawnNode(script, []));
  assert.match(stdout, /^E_ADDON .*io-sources\.js.*serverExternalPackages/s, stderr);
});

test("a build that no longer loads is said, with the reason, where another addon is taken instead of it, or none is", async () => {
  const root = installedCopy({ addon: false });
  mkdirSync(join(root, "native/build/Release"), { recursive: true });
  writeFileSync(join(root, "native/build/Release/framepool.node"), "no program");
  const { code, stdout } = await framepool(["doctor"], { root });
  assert.equal(code, 1);
  assert.match(stdout, /npx framepool build .*tried local build: /s);
});

test("the addon that FRAMEPOOL_ADDON names is the one that is loaded, or none is", async () => {
  const { addon } = await versions();
  const copy = join(folder, "copy.node");
  copyFileSync(addon.path, copy);
  const { code, stdout } = await framepool(["doctor"], { env: { ...process.env, FRAMEPOOL_ADDON: copy } });
  assert.equal(code, 0, stdout);
  assert.ok(stdout.includes(`named by FRAMEPOOL_ADDON: ${copy}\n`), stdout);
  const gone = await framepool(["doctor"], { env: { ...process.env, FRAMEPOOL_ADDON: `${copy}.gone` } });
  assert.equal(gone.code, 1);
  assert.match(gone.stdout, /FRAMEPOOL_ADDON in the environment names is not there/);
});

test("without sharp, frames are written all the same; a sheet says in one line what to install, and does nothing", async () => {
  const root = installedCopy();
  const out = join(folder, "no-sharp");
  for (const format of ["png", "jpeg", "webp"]) {
    const { code, stderr } = await framepool(["frames", video, "--count", "2", "--format", format, "--out", out], {
      root,
    });
    assert.equal(code, 0, stderr);
  }
  assert.equal(readFileSync(join(out, "manifest.jsonl"), "utf8").trim().split("\n").length, 6);
  const sheet = join(folder, "sheet.jpg");
  const { code, stderr } = await framepool(["sheet", video, "-o", sheet], { root });
  assert.equal(code, 1);
  assert.match(stderr, /^framepool: sheets are drawn with the package sharp, .*npm install sharp.*\(E_SHARP\)\n$/);
  assert.equal(existsSync(sheet), false);
  const probed = await framepool(["probe", video], { root });
  assert.equal(probed.code, 0, probed.stderr);
  const doctor = await framepool(["doctor"], { root });
  assert.equal(doctor.code, 0, doctor.stdout);
});

test("holes of an FFmpeg are those that its version may have", () => {
  for (const version of ["5.1.9-0+deb12u1", "7.1.4", "7.0.9", "8.0.2", "8.1", "n8.1.1", "4.4.2"]) {
    assert.match(holesOf(version).join(), /CVE-2026-8461/, version);
  }
  for (const version of ["7.1.5", "8.0.3", "8.1.2", "8.2", "9.0.2", "n9.0", "10.1-2"])
    assert.deepEqual(holesOf(version), [], version);
  assert.match(holesOf("N-118000-gabcdef").join(), /cannot be told/);
});
