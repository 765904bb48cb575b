// `npx framepool build` in a project of a user's: the addon against this system's FFmpeg takes the place of the package's.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeEnvironment, run } from "../../native/commands.mjs";
import { installed, media } from "./support/project.mjs";
import { startRegistry } from "./support/registry.mjs";

describe("framepool build, with the platform's package left out", () => {
  let registry;
  let folder;
  const framepool = (...args) =>
    run("npx", ["--no-install", "framepool", ...args], { cwd: folder, env: nodeEnvironment() });
  before(async () => {
    registry = await startRegistry();
    folder = installed(registry.url);
    rmSync(join(folder, "node_modules/@framepool"), { recursive: true });
    writeFileSync(join(folder, ".npmrc"), `registry=${registry.url}\n`);
    cpSync(join(media().folder, "h264.mp4"), join(folder, "video.mp4"));
  });
  after(() => {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is asked for by doctor, which finds no addon", () => {
    const { ok, output } = framepool("doctor");
    assert.ok(!ok, output);
    assert.match(output, /E_ADDON/);
    assert.match(output, /npm install --include=optional @framepool\//);
  });

  it("builds an addon that decodes, and that doctor says it uses", () => {
    const { ok, output } = framepool("build");
    assert.ok(ok, output);
    const first = run("node", ["first-frame.mjs", "video.mp4"], { cwd: folder });
    assert.match(first.output, /^128 96 36864$/m);
    const found = JSON.parse(framepool("doctor", "--json").output);
    assert.equal(found.versions.addon.from, "local build");
    const [version] = run("ffmpeg", ["-version"]).output.split(" ").slice(2);
    assert.equal(found.versions.ffmpeg.version, version);
  });
});
