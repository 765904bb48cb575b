import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { open } from "../../src/index.js";
import { Roots } from "../../src/queue/roots.js";
import { assertConsistent, finish, type Finished, images, makeVideo, manifest, temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const cli = fileURLToPath(new URL("../../src/bundle/main.js", import.meta.url));
const video = makeVideo(join(folder, "talk.mp4"), { seconds: 1 });
const library = join(folder, "library");

/** Latin-1, as old archives have it: \xe9 and \xe8 are no UTF-8, and Node shows both as the same. */
const bytes = (...parts: string[]): Buffer => Buffer.from(parts.join("/"), "latin1");
const accents = ["caf\xe9.mp4", "caf\xe8.mp4"];

/** A shell passes arguments as they are; Node's own spawn would make them UTF-8. */
function shell(command: string): Promise<Finished> {
  const script = `framepool() { exec '${process.execPath}' '${cli}' "$@"; }; cd '${library}'; ${command}`;
  return finish(spawn("bash", ["-c", script], { stdio: "pipe" }));
}

let outs = 0;
const newOut = (): string => join(folder, `out-${String(outs++)}`);

// Windows and macOS have no such names.
describe("names that are not UTF-8", { skip: process.platform !== "linux" && "the system has none" }, () => {
  mkdirSync(bytes(library, "f\xfcr"), { recursive: true });
  for (const name of accents) copyFileSync(video, bytes(library, name));
  // What the first's folder is called might be a file's own name.
  copyFileSync(video, join(library, "caf%E9.mp4"));
  copyFileSync(video, bytes(library, "f\xfcr", "deep.mp4"));

  it("are read from the command line, from folders and from lists, each once, and none collide", async () => {
    for (const command of [
      String.raw`framepool frames $'caf\xe9.mp4' $'caf\xe8.mp4' 'caf%E9.mp4' $'f\xfcr/deep.mp4'`,
      "framepool frames .",
      "find . -name '*.mp4' -print0 | framepool frames -",
      "find . -name '*.mp4' | framepool frames - .",
    ]) {
      const out = newOut();
      const { code, stderr } = await shell(`${command} --indices 0 --out '${out}'`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /4 images of 4 files/);
      assertConsistent(out);
      const keys = new Map(manifest(out).map(({ source, key }) => [source, key]));
      assert.equal(new Set(keys.values()).size, 4);
      assert.equal(keys.get(`file://${library}/caf%E8.mp4`), "caf%E8");
      assert.match(keys.get(`file://${library}/caf%E9.mp4`) ?? "", /^caf%E9(?:-[\da-f]{8})?$/);
      assert.equal(keys.get(`file://${library}/f%FCr/deep.mp4`), "deep");
    }
  });

  it("are known again by the next run, and by the address that the manifest has", async () => {
    const out = newOut();
    const args = `--indices 0 --out '${out}'`;
    await shell(`framepool frames $'caf\\xe9.mp4' ${args}`);
    assert.match((await shell(`framepool frames $'caf\\xe9.mp4' ${args}`)).stderr, /1 file unchanged/);
    const [line] = manifest(out);
    assert.match((await shell(`framepool frames '${line?.source ?? ""}' ${args}`)).stderr, /1 file unchanged/);
    assert.equal(images(out).length, 1);
  });

  it("are known where the folder that the command runs in has one", async () => {
    const { code, stdout, stderr } = await shell("cd f*r; framepool probe deep.mp4 --json");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /"deep\.mp4"/);
  });

  it("are inputs of a data set, in folders, lists and arguments, whose samples name their addresses", async () => {
    for (const [i, command] of [
      String.raw`framepool dataset $'caf\xe9.mp4' $'f\xfcr'`,
      String.raw`find $'caf\xe9.mp4' f?r -name '*.mp4' -print0 | framepool dataset -`,
    ].entries()) {
      const out = newOut();
      const { code, stderr } = await shell(`${command} --count 1 --to '${out}'`);
      assert.equal(code, 0, `${String(i)}: ${stderr}`);
      const record = JSON.parse(readFileSync(join(out, "000000.json"), "utf8")) as { inputs: { bytes?: number }[] };
      // By which the next run tells that one has changed.
      const sizes = record.inputs.map((input) => input.bytes);
      assert.deepEqual(sizes, [readFileSync(video).length, readFileSync(video).length]);
      const lines = readFileSync(join(out, "000000.jsonl"), "utf8").trimEnd().split("\n");
      assert.deepEqual(
        lines.map((line) => (JSON.parse(line) as { source: string }).source),
        [`file://${library}/caf%E9.mp4`, `file://${library}/f%FCr/deep.mp4`],
      );
    }
  });

  it("lead a queue's worker to what is in its folder, and nowhere else", async () => {
    const roots = await Roots.of(library);
    for (const name of ["caf%E9.mp4", "f%FCr/deep.mp4", "f%FCr/missing.mp4"]) {
      assert.equal(await roots.inside(`file://${library}/${name}`), `file://${library}/${name}`);
    }
    assert.equal(await roots.inside(`file://${library}/caf%25E9.mp4`), join(library, "caf%E9.mp4"));
    symlinkSync(folder, bytes(library, "out\xe9"));
    for (const name of ["out%E9/talk.mp4", "f%FCr/../../talk.mp4", "%E9/../../talk.mp4"])
      await assert.rejects(roots.inside(`file://${library}/${name}`), { code: "E_ACCESS" });
    await assert.rejects(roots.folder(`file://${library}/f%FCr/new`), { code: "E_IO" });
    rmSync(bytes(library, "out\xe9"));
  });

  it("are none for what is written, which would get another name", async () => {
    const before = readdirSync(library, "buffer").length;
    for (const command of [
      String.raw`framepool frames talk.mp4 --indices 0 --out $'o\xfct'`,
      String.raw`framepool frames talk.mp4 --indices 0 --out=$'o\xfct'`,
      String.raw`framepool dataset talk.mp4 --count 1 --to $'o\xfct'`,
    ]) {
      const { code, stderr } = await shell(command);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /--(?:out|to) takes UTF-8, and "o\ufffdt" is not/);
    }
    const inside = await shell("cd f*r; framepool frames deep.mp4 --indices 0 --out here");
    assert.equal(inside.code, 2, inside.stderr);
    assert.match(inside.stderr, /--out takes an absolute path here/);
    const out = newOut();
    assert.equal((await shell(`cd f*r; framepool frames deep.mp4 --indices 0 --out '${out}'`)).code, 0);
    assert.equal(images(out).length, 1);
    assert.equal(readdirSync(library, "buffer").length, before);
    const text = "o\ufffdt";
    assert.equal((await shell(`framepool frames caf%E9.mp4 --indices 0 --out '../${text}'`)).code, 0, "this is UTF-8");
  });

  it("are `file:` URLs to the library, and errors name those", async () => {
    const address = `file://${library}/caf%E9.mp4`;
    await using media = await open(address);
    const decoder = await media.video();
    assert.equal(decoder.length, 25);
    assert.deepEqual((await decoder.getFrameAt(3)).data.length, 64 * 48 * 3);
    await assert.rejects(open(new URL(`file://${library}/no%E9.mp4`)), {
      code: "E_NOT_FOUND",
      source: `file://${library}/no%E9.mp4`,
    });
    assert.ok(readFileSync(video).length > 0);
  });
});
