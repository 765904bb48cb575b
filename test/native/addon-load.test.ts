import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { libc, libcOf, reportedGlibc } from "../../native/libc.js";
import { loadAddon, platformName } from "../../native/load.js";
import { AddonLoadError, type Attempt, type Machine } from "../../native/load-error.js";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const machine: Machine = {
  platform: "linux-x64",
  hasPackage: true,
  installed: [],
  version: "1.2.3",
  node: "24.1.0",
  electron: undefined,
  glibc: "2.36",
};

const missing = (from: string): Attempt => ({
  from,
  error: Object.assign(new Error(`Cannot find module '${from}'\nRequire stack:\n- /x/load.js`), {
    code: "MODULE_NOT_FOUND",
  }),
});
const broken = (from: string, said: string): Attempt => ({ from, error: new Error(said) });
const local = "local build";
const packaged = "@framepool/linux-x64";
const install = /Install it with: npm install --include=optional @framepool\/linux-x64@1\.2\.3 /;
const build = /Build it for this system with: npx framepool build /;

// What there is, on what machine, and the cause and the one command that the user must read.
const cases: readonly (readonly [
  name: string,
  tried: Attempt[],
  on: Partial<Machine>,
  cause: RegExp,
  command: RegExp,
])[] = [
  ["optional dependencies left out", [missing(local), missing(packaged)], {}, /its package was left out/, install],
  [
    "node_modules from another system",
    [missing(local), missing(packaged)],
    { installed: ["darwin-arm64"] },
    /of another system \(it holds @framepool\/darwin-arm64\)/,
    install,
  ],
  [
    "an old glibc",
    [missing(local), broken(packaged, "/lib/libc.so.6: version `GLIBC_2.28' not found (required by framepool.node)")],
    { glibc: "2.17" },
    /glibc 2\.17 is older than 2\.28/,
    build,
  ],
  [
    "a package that was copied",
    [missing(local), broken(packaged, "/x/framepool.node: invalid ELF header")],
    {},
    /another system's, or damaged/,
    install,
  ],
  [
    "inside Electron's archive",
    [
      missing(local),
      broken(packaged, "/opt/resources/app.asar/node_modules/@framepool/linux-x64/framepool.node: cannot open"),
    ],
    { electron: "40.1.0" },
    /from inside an archive/,
    /asarUnpack/,
  ],
  [
    "a system without a package",
    [missing(local)],
    { platform: "freebsd-x64", hasPackage: false },
    /no package .* freebsd-x64/,
    build,
  ],
  [
    "a build whose FFmpeg is gone",
    [broken(local, "libavformat.so.59: cannot open shared object file: No such file or directory"), missing(packaged)],
    {},
    /removed or replaced/,
    build,
  ],
  [
    "a build whose FFmpeg is another, on a Mac",
    [
      broken(local, "dlopen(framepool.node): Library not loaded: /opt/homebrew/lib/libswscale.8.dylib"),
      missing(packaged),
    ],
    {},
    /removed or replaced/,
    build,
  ],
  [
    "a build that was copied",
    [
      broken(local, "dlopen(framepool.node): incompatible architecture (have 'x86_64', need 'arm64')"),
      missing(packaged),
    ],
    {},
    /built on another system/,
    build,
  ],
  [
    "an addon named in the environment that is gone",
    [missing("FRAMEPOOL_ADDON")],
    {},
    /the file that FRAMEPOOL_ADDON in the environment names is not there/,
    /Name another one, or unset it/,
  ],
  [
    "something new",
    [missing(local), broken(packaged, "something new")],
    {},
    /is there, but this system does not load it/,
    build,
  ],
];

describe("the addon's loader", () => {
  it("loads the addon once, and says which one", () => {
    const loaded = loadAddon();
    assert.equal(typeof loaded.binding, "object");
    assert.match(loaded.from, /^(FRAMEPOOL_ADDON|local build|@framepool\/.*)$/);
    assert.ok(loaded.path.endsWith(".node"));
    assert.equal(loadAddon(), loaded);
  });

  for (const [name, tried, on, cause, command] of cases) {
    it(`explains in one line: ${name}`, () => {
      const error = new AddonLoadError(tried, { ...machine, ...on });
      assert.equal(error.code, "E_ADDON");
      assert.equal(error.cause, tried.at(-1)?.error);
      assert.match(error.message, cause);
      assert.match(error.message, command);
      assert.ok(!error.message.includes("\n"), "one line");
      for (const { from } of tried) assert.ok(error.message.includes(`${from}: `), `says that it tried ${from}`);
    });
  }
});

describe("the C library", () => {
  it("is known by the loader that the program's file names", () => {
    const folder = mkdtempSync(join(tmpdir(), "framepool-libc-"));
    try {
      for (const [loader, expected] of [
        ["/lib/ld-musl-x86_64.so.1", "musl"],
        ["/lib64/ld-linux-x86-64.so.2", "glibc"],
        ["/lib/ld-linux-aarch64.so.1", "glibc"],
        ["/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2", "glibc"],
      ] as const) {
        const program = join(folder, "program");
        writeFileSync(program, `\x7fELF${"\0".repeat(600)}${loader}\0${"\0".repeat(9000)}`);
        assert.equal(libcOf(program), expected, loader);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  if (process.platform === "linux") {
    it("of this process is what Node's own report says", () => {
      assert.equal(libc, reportedGlibc() === undefined ? "musl" : "glibc");
      assert.equal(platformName, `linux${libc === "musl" ? "musl" : ""}-${process.arch}`);
    });

    it("is asked for without a change of what the program's own reports hold", () => {
      const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
      const { excludeNetwork: before = false } = report;
      try {
        for (const wanted of [false, true]) {
          report.excludeNetwork = wanted;
          reportedGlibc();
          assert.equal(report.excludeNetwork, wanted);
        }
      } finally {
        report.excludeNetwork = before;
      }
    });
  }
});
