import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** What a process says that imports the package by its name, as users do. */
function importing(program: string): unknown[] {
  const names = { index: "framepool", loader: "framepool/loader", adapters: "framepool/adapters" };
  const imports = Object.entries(names).map(([name, from]) => `import * as ${name} from "${from}";`);
  const say = "const say = (...facts) => process.stdout.write(JSON.stringify(facts));";
  const source = [...imports, say, program].join("\n");
  // Node finds the package whose folder it is in by its name.
  const done = spawnSync(process.execPath, ["--input-type=module", "--eval", source], { encoding: "utf8", cwd: root });
  assert.equal(done.status, 0, done.stderr);
  return JSON.parse(done.stdout) as unknown[];
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

describe("the package", () => {
  it("brings at most 15 packages, none of which runs a script", () => {
    const { packages } = json("package-lock.json") as { readonly packages: Readonly<Record<string, Locked>> };
    const matches = (list: readonly string[] | undefined, own: string): boolean =>
      list === undefined || list.includes(own);
    const brought = Object.entries(packages).filter(([path, { dev, devOptional, peer, os, cpu }]) => {
      if (path === "" || dev === true || devOptional === true || peer === true) return false;
      return matches(os, process.platform) && matches(cpu, process.arch);
    });
    assert.ok(brought.length <= 15, brought.map(([path]) => path).join(" "));
    for (const [path, locked] of brought) assert.ok(!("hasInstallScript" in locked), path);
  });

  it("has no install script, and needs no compiler's tools and no image library to run", () => {
    const { scripts, dependencies } = json("package.json") as Record<string, Record<string, string>>;
    for (const name of ["preinstall", "install", "postinstall"]) assert.equal(scripts?.[name], undefined, name);
    for (const name of ["node-gyp", "node-addon-api", "sharp"]) assert.equal(dependencies?.[name], undefined, name);
  });

  it("says in its docs what is decoded, as it is in the code", () => {
    const checked = spawnSync(process.execPath, [join(root, "native/codecs-page.mjs"), "check"], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stderr);
  });

  it("says in its README how fast it is, as it was measured", () => {
    const checked = spawnSync(process.execPath, [join(root, "dist/bench/figures.js"), "--check"], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stderr);
  });

  it("holds what its README leads to", () => {
    const packed = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
    });
    const [{ files }] = JSON.parse(packed.stdout) as [{ readonly files: readonly { readonly path: string }[] }];
    const held = new Set(files.map(({ path }) => path));
    const links = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/\]\(([^)#]+)/g)].map(
      ([, link]) => link ?? "",
    );
    assert.ok(links.length > 5);
    assert.deepEqual(
      links.filter((link) => !link.startsWith("https:") && !held.has(link)),
      [],
    );
  });

  it("loads neither the native addon nor another package's CommonJS when it is imported", () => {
    const [modules, objects] = importing(`const { createRequire } = await import("node:module");
      const loaded = Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache);
      say(loaded, process.report.getReport().sharedObjects);`) as [string[], string[]];
    assert.deepEqual(modules, []);
    assert.deepEqual(
      objects.filter((path) => /framepool\.node|lib(av|sw)\w+\.so|sharp/.test(path)),
      [],
    );
  });

  it("loads none of Node's own large modules when it is imported", () => {
    const [loaded] = importing("say(process.moduleLoadList);") as [string[]];
    assert.ok(loaded.includes("NativeModule worker_threads"), "the list is as it was");
    const large = ["crypto", "http", "https", "tls", "child_process", "zlib", "cluster", "inspector"];
    assert.deepEqual(
      large.filter((name) => loaded.includes(`NativeModule ${name}`)),
      [],
    );
  });

  it("shows under its names what its sources do, and nothing twice", async () => {
    const names = importing("say(Object.keys(index), Object.keys(loader), Object.keys(adapters));");
    const sources = ["../src/index.js", "../src/loader/index.js", "../src/adapters/index.js"];
    const wanted = await Promise.all(sources.map((source) => import(source) as Promise<object>));
    assert.deepEqual(
      names,
      wanted.map((source) => Object.keys(source)),
    );
    const [isOurs] = importing(`try { new loader.ClipLoader(1); } catch (error) {
      say(error instanceof index.FramepoolError || error instanceof index.FramepoolTypeError);
    }`);
    assert.equal(isOurs, true);
  });
});
