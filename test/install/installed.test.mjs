// What `npm run prebuild` made, installed and run as users would: no script, no compiler, no FFmpeg of the system.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { run } from "../../native/commands.mjs";
import { hostTarget, targets } from "../../native/prebuild/targets.mjs";
import { bareDebian, bareMusl, emulatedArm64, emulatedMusl, nodes, wine } from "./support/machines.mjs";
import { addMedia, codecOf, installed, media, planesOf } from "./support/project.mjs";
import { builtPackages, startRegistry } from "./support/registry.mjs";

const built = builtPackages();

let registry;
before(async () => {
  registry = await startRegistry();
});
after(() => registry.close());

it("the package of this machine is small", () => {
  const { path } = built.get("@framepool/linux-x64");
  assert.ok(statSync(path).size <= 8 * 2 ** 20, `${path}: ${statSync(path).size} bytes`);
});

/** Decodes all files by path on machines of one kind; every picture must be that of FFmpeg's own command. */
function decodes(target, machines) {
  describe(target.name, () => {
    let project;
    before(() => {
      project = installed(registry.url, target);
      addMedia(project);
    });
    after(() => rmSync(project, { recursive: true }));
    for (const machine of machines) describe(machine.name, () => decodesOn(target, machine, () => project));
  });
}

function decodesOn(target, machine, project) {
  let used;
  before(async () => {
    used = await machine.use(project());
  });
  after(() => used.close());

  it("gives a first frame", () => {
    const { ok, output } = used.node(["first-frame.mjs", "media/h264.mp4"]);
    assert.ok(ok, output);
    assert.match(output, /^128 96 36864$/m);
  });

  it("decodes every file as FFmpeg does", () => {
    const { ok, output } = used.node(["decode.mjs"]);
    assert.ok(ok, output);
    const seen = new Map(jsonLines(output).map((row) => [row.file, row]));
    for (const [file, sums] of media().sums) {
      const { md5, code, message } = seen.get(file) ?? {};
      if (target.arch !== hostTarget().arch && usesTransform(file) && !isDeepStrictEqual(md5, sums)) {
        const { ok, output } = used.node(["planes.mjs", join("media", file), "planes"]);
        assert.ok(ok, output);
        isRoundedOtherwise(planesOf(join(media().folder, file)), readFileSync(join(project(), "planes")), file);
      } else {
        assert.deepEqual(md5, sums, `${file}: ${code} ${message}`);
      }
    }
  });

  // Whose kernels are other code: compiled for another processor, or by another library's rules.
  if (target !== hostTarget()) {
    it("makes the same bytes of it as this machine's package", () => {
      const { ok, output } = used.node(["pixels.mjs"]);
      assert.ok(ok, output);
      const seen = new Map(jsonLines(output).map((row) => [row.what, row]));
      const differing = ofOwnKernels(expected().pixels, target).filter(
        (row) => !isDeepStrictEqual(seen.get(row.what), row),
      );
      assert.deepEqual(
        differing.map(({ what }) => `${what}: ${seen.get(what)?.code ?? "other bytes"}`),
        [],
      );
    });

    it("makes the same data set as this machine's package", () => {
      assert.deepEqual(datasetWith(used.node), expected().dataset);
    });
  }

  it("takes files by any name, and keeps them open whatever becomes of them", () => {
    const { ok, output } = used.node(["paths.mjs"]);
    assert.ok(ok, output);
    const errors = { "no such file": "E_NOT_FOUND", "no such folder": "E_NOT_FOUND", "a folder": "E_NOT_A_FILE" };
    const rows = jsonLines(output);
    assert.ok(rows.length > 10, output);
    for (const { check, found } of rows) assert.equal(found, errors[check] ?? "128 25", check);
  });

  it("runs the command line", () => {
    const { ok, output } = used.node([join("node_modules/framepool", bin()), "probe", "media/h264.mp4", "--json"]);
    assert.ok(ok, output);
    const [facts] = jsonLines(output);
    assert.equal(facts.codec, "h264");
    assert.equal(facts.numFrames, 30);
  });

  const cannotAsk = machine.connects === false && "no program can connect to another there";
  it("shows a file on its page", { skip: cannotAsk }, () => {
    const { ok, output } = used.node(["view.mjs", join("node_modules/framepool", bin()), "media/h264.mp4"]);
    assert.ok(ok, output);
    const types = ["html", "javascript", "css", "svg", "json", "json", "json", "jpeg"];
    const rows = jsonLines(output);
    assert.equal(rows.length, types.length, output);
    for (const [i, { status, type, length, name }] of rows.entries()) {
      assert.equal(status, 200, name);
      assert.ok(type.includes(types[i]) && length > 0, `${name}: ${type}, ${length} bytes`);
    }
  });

  it("writes images, and finds them when it runs again", () => {
    const command = [join("node_modules/framepool", bin()), "frames", "media/b-frames.mp4", "media/wide.mp4"];
    const args = ["--count", "3", "--format", "jpeg", "--out", "images", "--json"];
    const [first, again] = [1, 2].map(() => {
      const { ok, output } = used.node([...command, ...args]);
      assert.ok(ok, output);
      return jsonLines(output);
    });
    const paths = first.filter(({ event }) => event === "image").map(({ path }) => path);
    assert.equal(new Set(paths).size, 6, paths.join(" "));
    for (const path of paths) assert.match(path, /^(b-frames|wide)\/\d{6}_[\d.]+s\.jpg$/);
    const { done, unchanged, images, failed } = again.at(-1);
    assert.deepEqual({ done, unchanged, images, failed }, { done: 0, unchanged: 2, images: 0, failed: 0 });
  });

  it("finds itself well", () => {
    const { ok, output } = used.node([join("node_modules/framepool", bin()), "doctor", "--json"]);
    assert.ok(ok, output);
  });
}

/**
 * FFmpeg's version for ARM of the transform that MPEG-1, MPEG-2, MPEG-4 and their like share rounds single samples otherwise than
 * all its others, which are alike.
 */
function isRoundedOtherwise(expected, found, file) {
  assert.equal(found.length, expected.length, file);
  const differences = found.map((value, i) => Math.abs(value - expected[i])).filter((difference) => difference > 0);
  assert.ok(
    differences.length <= found.length / 1e4 && differences.every((difference) => difference === 1),
    `${file}: ${differences.length} of ${found.length} samples differ, by up to ${Math.max(...differences)}`,
  );
}

function usesTransform(file) {
  return /^(mpeg[124]|h26[13]|flv1|msmpeg4v[23]|wmv[12]|mjpeg)/.test(codecOf(join(media().folder, file)));
}

/** For ARM swscale makes pictures in other steps than for x86; docs/prebuilt.md says which are the same all the same. */
function ofOwnKernels(rows, { arch }) {
  return arch === hostTarget().arch
    ? rows
    : rows.filter(({ what }) => /(gray8|fast|jpeg|webp|sound)$|^h264\.mp4, (rgb24|rgba|png)$/.test(what));
}

/** Hashes of a data set's files, by name. Some of the files have no video: that is told, and stops nothing. */
function datasetWith(node) {
  const command = [join("node_modules/framepool", bin()), "dataset", "media", "--count", "2", "--to", "shards"];
  const { output } = node(command);
  const { ok, output: sums } = node(["sums.mjs", "shards"]);
  assert.ok(ok, `${output}\n${sums}`);
  return jsonLines(sums)[0];
}

let known;

/** What `pixels.mjs` says, and the data set, with this machine's own package. */
function expected() {
  if (known !== undefined) return known;
  const project = installed(registry.url);
  try {
    addMedia(project);
    const node = (args) => run(process.execPath, args, { cwd: project });
    const pixels = jsonLines(node(["pixels.mjs"]).output);
    assert.ok(pixels.length > 0 && pixels.every(({ sums }) => sums?.length > 0), JSON.stringify(pixels));
    const dataset = datasetWith(node);
    assert.ok("000000.tar" in dataset, JSON.stringify(dataset));
    known = { pixels, dataset };
    return known;
  } finally {
    rmSync(project, { recursive: true });
  }
}

function bin() {
  const { bin: command } = built.get("framepool").manifest;
  return typeof command === "string" ? command : command.framepool;
}

function jsonLines(output) {
  return output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

/** What this machine can stand in for; the rest is tried where it belongs, by the repository's workflow. */
const machines = {
  "linux-x64": nodes.map((version) => bareDebian(version)),
  "linuxmusl-x64": [bareMusl()],
  "linux-arm64": [emulatedArm64("24")],
  "linuxmusl-arm64": [emulatedMusl()],
  // Node 24 ends itself under Debian 12's wine.
  "win32-x64": [wine("20"), wine("22")],
};

for (const [name, stands] of Object.entries(machines)) {
  if (built.has(targets[name].package)) decodes(targets[name], stands);
}
