import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { binding } from "../../native/addon.js";

interface Facts {
  readonly exports: readonly string[];
  readonly missing: readonly string[];
  readonly libraries: readonly string[];
  readonly glibc: string | null;
  readonly textRelocations: boolean;
}

interface Target {
  readonly name: string;
  readonly platform: string;
  readonly package: string;
  readonly glibc: string | null;
  readonly zig: string;
}

/** The scripts are plain JavaScript beside dist: what is used of them is described here. */
interface Scripts {
  readonly inspectBinary: (bytes: Uint8Array) => Facts;
  readonly newestGlibc: (names: readonly string[]) => string | null;
  readonly complaintsAbout: (facts: Facts, target: Target | undefined, folders?: readonly string[]) => string[];
  readonly targets: Readonly<Record<string, Target>>;
  readonly findVersion: (printed: string, file: string, sha256: string) => string | null;
  readonly nodeFunctions: (arch: string, symbols: object) => string;
  readonly sources: Readonly<Record<string, { url: string; sha256: string }>>;
  readonly current: Readonly<Record<string, string>>;
  readonly withSizes: (text: string, packed: readonly { name: string; size: number; unpackedSize: number }[]) => string;
  readonly portableConfigureLine: (target: Target | undefined) => string;
  readonly compilerScript: (zig: string, language: string, target: Target | undefined) => string;
}

async function load(...names: readonly string[]): Promise<Scripts> {
  const urls = names.map((name) => new URL(`../../../native/prebuild/${name}.mjs`, import.meta.url).href);
  const modules = await Promise.all(urls.map((url) => import(url) as Promise<Partial<Scripts>>));
  return Object.assign({}, ...modules) as Scripts;
}

const scripts = await load(
  "inspect",
  "verify",
  "targets",
  "fetch",
  "node-functions",
  "sources",
  "ffmpeg",
  "document",
  "toolchain",
);
const { inspectBinary, complaintsAbout, targets } = scripts;

const require = createRequire(import.meta.url);
/** A package that brings an addon for every system: none is as ours must be. */
const strangers = join(dirname(require.resolve("onnxruntime-node/package.json")), "bin/napi-v6");
const inspectStranger = (system: string, arch: string) =>
  inspectBinary(readFileSync(join(strangers, system, arch, "onnxruntime_binding.node")));

const good: Facts = {
  exports: ["napi_register_module_v1", "node_api_module_get_api_version_v1"],
  missing: ["napi_create_object", "memcpy"],
  libraries: ["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"],
  glibc: "2.28",
  textRelocations: false,
};

describe("targets of the packages", () => {
  it("are every system with both processors, named as the packages are", () => {
    const systems = ["linux", "linuxmusl", "win32", "darwin"];
    const names = systems.flatMap((system) => [`${system}-x64`, `${system}-arm64`]);
    assert.deepEqual(Object.keys(targets).sort(), [...names].sort());
    for (const [name, target] of Object.entries(targets)) assert.equal(target.package, `@framepool/${name}`);
  });

  it("ask the compiler for the glibc that they promise, and no other library of C", () => {
    for (const target of Object.values(targets)) {
      assert.equal(target.glibc !== null, target.platform === "linux");
      if (target.glibc !== null) assert.ok(target.zig.endsWith(`linux-gnu.${target.glibc}`));
    }
  });
});

describe("the compiler of a target", () => {
  const given = (name: string, ...args: readonly string[]): string[] => {
    const script = scripts.compilerScript("echo", "cc", targets[name]);
    const { stdout } = spawnSync("sh", ["-c", script, "sh", ...args], { encoding: "utf8" });
    return stdout.trim().split(" ").slice(4);
  };

  it("is not given what its linker refuses, and all else", () => {
    const windows = ["-Wl,--nxcompat,--dynamicbase", "-Wl,--pic-executable,-e,main", "-Wl,--image-base,0x140000000"];
    assert.deepEqual(given("win32-x64", ...windows, "-Wl,--high-entropy-va", "-c", "a.c"), ["-c", "a.c"]);
    assert.deepEqual(given("darwin-arm64", "-Wl,-dynamic,-search_paths_first", "-lm"), ["-lm"]);
    assert.deepEqual(given("linux-arm64", "-Wl,--as-needed", "-lm"), ["-Wl,--as-needed", "-lm"]);
  });
});

describe("what a binary says of itself", () => {
  it("is read from ELF: what it needs, from whom, and the newest glibc", () => {
    const facts = inspectStranger("linux", "arm64");
    assert.deepEqual(facts.libraries.slice(0, 2), ["libonnxruntime.so.1", "libstdc++.so.6"]);
    assert.equal(facts.glibc, "2.17");
    for (const name of good.exports) assert.ok(facts.exports.includes(name));
    assert.ok(facts.missing.includes("napi_create_object"));
    assert.ok(facts.missing.includes("memcpy"));
  });

  it("is read from PE", () => {
    for (const arch of ["x64", "arm64"]) {
      const facts = inspectStranger("win32", arch);
      assert.deepEqual([...facts.exports].sort(), good.exports);
      assert.ok(facts.libraries.includes("MSVCP140.dll"));
      assert.ok(facts.missing.includes("GetSystemTimeAsFileTime"));
      assert.equal(facts.glibc, null);
    }
  });

  it("is read from Mach-O, where names have an underscore more", () => {
    const facts = inspectStranger("darwin", "arm64");
    assert.ok(facts.libraries.includes("/usr/lib/libSystem.B.dylib"));
    assert.ok(facts.exports.includes("napi_register_module_v1"));
    assert.ok(facts.missing.includes("OrtGetApiBase"));
    assert.ok(facts.missing.includes("napi_create_object"));
  });

  it("knows that 2.28 is newer than 2.9, and ignores private versions", () => {
    assert.equal(scripts.newestGlibc(["GLIBC_2.9", "GLIBC_2.28", "GLIBC_PRIVATE", "GLIBCXX_3.4.30"]), "2.28");
    assert.equal(scripts.newestGlibc([]), null);
  });

  it("is refused for what is no binary", () => {
    assert.throws(() => inspectBinary(new Uint8Array(64)), TypeError);
  });
});

describe("an addon to be packed", () => {
  const complain = (change: Partial<Facts>, name = "linux-x64") =>
    complaintsAbout({ ...good, ...change }, targets[name]);

  it("passes with Node's two functions, the C library and nothing else", () => {
    assert.deepEqual(complain({}), []);
    assert.deepEqual(complain({ glibc: null, libraries: ["libc.so"] }, "linuxmusl-x64"), []);
    assert.deepEqual(complain({ glibc: null, libraries: ["/usr/lib/libSystem.B.dylib"] }, "darwin-arm64"), []);
    assert.deepEqual(complain({ glibc: null, libraries: ["KERNEL32.dll", "bcrypt.dll"] }, "win32-x64"), []);
  });

  it("is refused with a function of FFmpeg's, dav1d's or ours that nobody has", () => {
    for (const name of ["ff_put_pixels8_neon", "av_log", "sws_scale", "dav1d_mc_neon", "_ZN2fp2av5checkE"]) {
      assert.deepEqual(complain({ missing: [...good.missing, name] }), [`undefined: ${name}`]);
    }
  });

  it("is refused with exports too many or too few", () => {
    assert.deepEqual(complain({ exports: [...good.exports, "av_log"] }), ["1 exports too many: av_log"]);
    assert.deepEqual(complain({ exports: [] }), [`not exported: ${good.exports.join(" ")}`]);
  });

  it("is refused with a newer glibc, any glibc on musl, another library, relocated code", () => {
    assert.deepEqual(complain({ glibc: "2.34" }), ["needs glibc 2.34"]);
    assert.deepEqual(complain({ libraries: ["libc.so"] }, "linuxmusl-arm64"), ["needs glibc 2.28"]);
    assert.deepEqual(complain({ libraries: ["libc.so.6", "libstdc++.so.6"] }), ["needs libstdc++.so.6"]);
    assert.deepEqual(complain({ libraries: [] }), ["holds a C library of its own"]);
    assert.deepEqual(complain({ textRelocations: true }), ["has relocations in its code"]);
  });

  it("is refused when it names a folder of the machine that built it", () => {
    const complaints = complaintsAbout(good, targets["linux-x64"], ["/home/builder"]);
    assert.deepEqual(complaints, ["names /home/builder"]);
  });

  it("built against the system's FFmpeg is none", () => {
    assert.notEqual(binding().ffmpegVersion, "");
    const built = readFileSync(new URL("../../../native/build/Release/framepool.node", import.meta.url));
    const complaints = complaintsAbout(inspectBinary(built), targets["linux-x64"]).join("\n");
    assert.match(complaints, /needs .*libavformat/);
  });
});

describe("a machine that has nothing yet", () => {
  it("is told what the packages are built with, and the one command that installs it", () => {
    const requirements = new URL("../../../native/requirements.mjs", import.meta.url);
    const program = `import { describeMissing, findMissingForPackages } from ${JSON.stringify(requirements.href)};
console.log(describeMissing(findMissingForPackages()));`;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      env: { PATH: "" },
      encoding: "utf8",
    });
    assert.match(stdout, /^missing: make, python3, pkg-config, nasm, cmake, xz, python3 with venv\. Install /);
  });
});

describe("pinned sources", () => {
  it("name a release of upstream's by its hash, and are what is built", () => {
    for (const { url, sha256 } of Object.values(scripts.sources)) {
      assert.match(url, /^https:\/\//);
      assert.match(sha256, /^[0-9a-f]{64}$/);
    }
    for (const name of Object.values(scripts.current)) assert.ok(name in scripts.sources);
  });

  it("are found in a list of Debian's by file and hash, whatever the revision", () => {
    const hash = "ab".repeat(32);
    const list = [
      `Package: ffmpeg\nVersion: 7:7.1.4-1\nChecksums-Sha256:\n ${"cd".repeat(32)} 100 ffmpeg_7.1.4.orig.tar.xz`,
      `Package: ffmpeg\nVersion: 7:7.1.5-3\nChecksums-Sha256:\n ${hash} 100 ffmpeg_7.1.5.orig.tar.xz\n ${hash} 5 other`,
    ].join("\n\n");
    assert.equal(scripts.findVersion(list, "ffmpeg_7.1.5.orig.tar.xz", hash), "7:7.1.5-3");
    assert.equal(scripts.findVersion(list, "ffmpeg_7.1.4.orig.tar.xz", hash), null);
    assert.equal(scripts.findVersion("", "ffmpeg_7.1.5.orig.tar.xz", hash), null);
  });

  it("are configured without a folder of the building machine, and without what is not LGPL", () => {
    for (const target of Object.values(targets)) {
      const line = scripts.portableConfigureLine(target);
      assert.doesNotMatch(line, /\/(root|home|tmp|Users)\b|--prefix|--enable-(gpl|nonfree)/);
      assert.match(line, /--disable-everything .*--enable-decoder=\S*\bh264\b/);
    }
  });
});

describe("sizes in the docs", () => {
  it("are one table, which the next run replaces", () => {
    const page = "before\n<!-- sizes: x -->\nold\n<!-- end of sizes -->\nafter\n";
    const once = scripts.withSizes(page, [{ name: "@framepool/linux-x64", size: 7_210_000, unpackedSize: 17_040_000 }]);
    assert.equal(
      once,
      [
        "before",
        "<!-- sizes: x -->",
        "",
        "| Package                | Packed | Installed |",
        "| ---------------------- | -----: | --------: |",
        "| `@framepool/linux-x64` | 7.2 MB |   17.0 MB |",
        "",
        "<!-- end of sizes -->",
        "after",
        "",
      ].join("\n"),
    );
    assert.equal(scripts.withSizes(once, []).includes("linux-x64"), false);
  });
});

describe("Node's functions on Windows", () => {
  it("are looked up in the running program, once each", () => {
    const symbols = {
      v1: { js_native_api_symbols: ["napi_create_object"], node_api_symbols: ["napi_module_register"] },
      v2: { js_native_api_symbols: ["napi_create_object"], node_api_symbols: [] },
    };
    const source = scripts.nodeFunctions("x64", symbols);
    assert.equal(source.match(/GetProcAddress\(program, "napi_create_object"\)/g)?.length, 1);
    assert.match(source, /napi_module_register:\\n jmp \*found_napi_module_register\(%rip\)/);
    assert.match(scripts.nodeFunctions("arm64", symbols), /br x16/);
  });
});
