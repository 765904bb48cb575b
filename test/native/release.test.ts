import assert from "node:assert/strict";
import { describe, it } from "node:test";

interface Target {
  readonly package: string;
}

interface Manifest {
  readonly version: string;
  readonly engines: object;
  readonly [field: string]: unknown;
}

/** The scripts are plain JavaScript beside dist: what is used of them is described here. */
interface Packages {
  readonly readManifest: () => Manifest;
  readonly platformManifest: (manifest: Manifest, target: Target | undefined) => Manifest;
  readonly releaseFiles: (manifest: { name: string; version: string }) => string[];
  readonly mainManifest: (manifest: Manifest) => Manifest;
  readonly whereabouts: (origin: string) => Readonly<Record<string, unknown>>;
}

const folder = new URL("../../../native/prebuild/", import.meta.url);
const scripts = (await import(new URL("packages.mjs", folder).href)) as Packages;
const { targets } = (await import(new URL("targets.mjs", folder).href)) as {
  targets: Readonly<Record<string, Target>>;
};

describe("package.json of a release", () => {
  const manifest = scripts.readManifest();

  it("takes exactly its own version of every binary, all optional", () => {
    const { optionalDependencies } = scripts.mainManifest(manifest);
    const wanted = Object.values(targets).map((target) => [target.package, manifest.version]);
    assert.deepEqual(optionalDependencies, Object.fromEntries(wanted));
  });

  it("is published last, after all the binaries that it takes", () => {
    const files = scripts.releaseFiles({ name: "framepool", version: "1.2.3" });
    assert.equal(files.length, Object.keys(targets).length + 1);
    assert.ok(files.includes("framepool-linuxmusl-arm64-1.2.3.tgz"));
    assert.equal(files.at(-1), "framepool-1.2.3.tgz");
  });

  it("runs nothing at install", () => {
    assert.equal(scripts.mainManifest(manifest)["scripts"], undefined);
    assert.equal(scripts.platformManifest(manifest, targets["win32-x64"])["scripts"], undefined);
  });

  it("lets a package manager choose by system, processor and C library", () => {
    const chosenBy = (name: string) => {
      const { os, cpu, libc } = scripts.platformManifest(manifest, targets[name]);
      return { os, cpu, libc };
    };
    assert.deepEqual(chosenBy("linux-arm64"), { os: ["linux"], cpu: ["arm64"], libc: ["glibc"] });
    assert.deepEqual(chosenBy("linuxmusl-x64"), { os: ["linux"], cpu: ["x64"], libc: ["musl"] });
    assert.deepEqual(chosenBy("win32-x64"), { os: ["win32"], cpu: ["x64"], libc: undefined });
    assert.deepEqual(chosenBy("darwin-arm64"), { os: ["darwin"], cpu: ["arm64"], libc: undefined });
  });

  it("says where it comes from, as the clone knows, without what a token in the address would tell", () => {
    const known = {
      repository: { type: "git", url: "git+https://git.example.org/some-one/frame.pool.git" },
      homepage: "https://git.example.org/some-one/frame.pool#readme",
      bugs: { url: "https://git.example.org/some-one/frame.pool/issues" },
    };
    for (const origin of [
      "https://git.example.org/some-one/frame.pool",
      "https://git.example.org/some-one/frame.pool.git",
      "https://user:secret@git.example.org/some-one/frame.pool.git",
      "git@git.example.org:some-one/frame.pool.git",
      "ssh://git@git.example.org/some-one/frame.pool.git",
    ]) {
      assert.deepEqual(scripts.whereabouts(origin), known, origin);
    }
    const { repository, bugs } = scripts.platformManifest({ ...manifest, ...known }, targets["linux-x64"]);
    assert.deepEqual({ repository, bugs }, { repository: known.repository, bugs: known.bugs });
    for (const origin of ["", "/srv/framepool.git", "file:///srv/framepool", "../framepool"]) {
      assert.deepEqual(scripts.whereabouts(origin), {}, origin);
    }
  });

  it("asks for the same Node as the main package", () => {
    assert.deepEqual(scripts.platformManifest(manifest, targets["linux-x64"]).engines, manifest.engines);
  });
});
