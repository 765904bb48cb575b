// What the main package asks of those who install it. Needs no FFmpeg: platforms' packages that were not built are empty.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { hostTarget } from "../../native/prebuild/targets.mjs";
import { installed, installedNames, lockedPackages } from "./support/project.mjs";
import { builtPackages, startRegistry } from "./support/registry.mjs";

const built = builtPackages();

let registry;
before(async () => {
  registry = await startRegistry();
});
after(() => registry.close());

describe("the packages", () => {
  it("hold no install script and pin their binaries exactly", () => {
    for (const { manifest } of built.values()) {
      for (const name of ["preinstall", "install", "postinstall", "prepare"]) {
        assert.equal(manifest.scripts?.[name], undefined, `${manifest.name} has a script ${name}`);
      }
    }
    const { manifest } = built.get("framepool");
    for (const [name, version] of Object.entries(manifest.optionalDependencies)) {
      assert.equal(version, manifest.version, name);
    }
    assert.equal(manifest.dependencies["node-gyp"], undefined);
  });
});

describe("npm install in an empty folder", () => {
  let project;
  before(() => {
    project = installed(registry.url);
  });
  after(() => rmSync(project, { recursive: true }));

  it("brings at most 15 packages, one of them the binary for this machine", () => {
    const names = installedNames(project);
    assert.ok(names.length <= 15, names.join(" "));
    assert.deepEqual(
      names.filter((name) => name.startsWith("@framepool/")),
      [hostTarget().package],
    );
  });

  it("brings the pages that commands serve, each whole", () => {
    for (const page of ["view", "queue"]) {
      for (const name of ["index.html", "page.js", "style.css", "icon.svg"]) {
        const { size } = statSync(join(project, "node_modules/framepool/dist/src/bundle", page, name));
        assert.ok(size > 100, `${page}/${name}`);
      }
    }
  });

  it("brings nothing that wants to run a script", () => {
    const scripted = Object.entries(lockedPackages(project)).filter(([, { hasInstallScript }]) => hasInstallScript);
    assert.deepEqual(scripted, []);
  });
});
