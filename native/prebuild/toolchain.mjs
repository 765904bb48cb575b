// zig as the compiler for each target: one download that holds clang, its linkers and every system's headers and libraries.
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, run } from "../commands.mjs";
import { findMissingForPackages, provide } from "../requirements.mjs";
import { cacheDirectory, cached, quietly, step } from "./cache.mjs";
import { tools } from "./sources.mjs";

const optimised = ["-O3", "-fPIC", "-fvisibility=hidden", "-ffunction-sections", "-fdata-sections"];

/** Paths of the programs `zig`, `meson` and `ninja`. */
export async function fetchTools() {
  const python = run("python3", ["--version"]);
  const folder = await cached("tools", "python", [tools, python.output], (made, work) => {
    const list = join(work, "requirements.txt");
    writeFileSync(
      list,
      tools.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join(""),
    );
    quietly("python3", ["-m", "venv", made]);
    const pip = ["install", "--no-deps", "--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"];
    step("fetching zig, meson and ninja", join(made, "bin/pip"), [...pip, "--requirement", list]);
  });
  const [version] = readdirSync(join(folder, "lib"));
  return {
    zig: join(folder, "lib", version, "site-packages/ziglang/zig"),
    meson: join(folder, "bin/meson"),
    ninja: join(folder, "bin/ninja"),
    path: `${join(folder, "bin")}:${process.env.PATH}`,
  };
}

/** Commands of the names that build systems expect, each a small script around zig. */
export async function makeToolchain(target) {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new SetupError("the packages are built on Linux on x86-64: that is what the compiler is pinned for");
  }
  provide(findMissingForPackages);
  const wantsNasm = target.zig.startsWith("x86_64");
  const { zig } = await fetchTools();
  const scripts = {
    cc: compilerScript(zig, "cc", target),
    "c++": compilerScript(zig, "c++", target),
    ar: `exec ${zig} ar "$@"`,
    ranlib: `exec ${zig} ranlib "$@"`,
    dlltool: `exec ${zig} dlltool "$@"`,
    // FFmpeg's configure asks nm how the system decorates names, and the build machine's cannot read a Mac's objects.
    nm: target.binary === "macho" ? 'echo "0000000000000000 D _ff_extern"' : 'exec nm "$@"',
    // Release builds of FFmpeg are stripped when the addon is linked.
    strip: "exit 0",
  };
  const folder = await cached("toolchains", target.name, scripts, (made) => {
    for (const [name, text] of Object.entries(scripts)) {
      writeFileSync(join(made, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(made, name), 0o755);
    }
    writeFileSync(join(made, "meson.ini"), crossFile(target, made));
  });
  const zigCache = join(cacheDirectory, "zig");
  mkdirSync(zigCache, { recursive: true });
  const command = (name) => join(folder, name);
  return {
    facts: [scripts, wantsNasm ? run("nasm", ["-v"]).output : null],
    cc: command("cc"),
    cxx: command("c++"),
    ar: command("ar"),
    ranlib: command("ranlib"),
    dlltool: command("dlltool"),
    cflags: optimised,
    mesonSetup: [`--cross-file=${command("meson.ini")}`],
    configure: [
      ...["--enable-cross-compile", ...target.configure, `--cc=${command("cc")}`, `--cxx=${command("c++")}`],
      ...[
        `--ar=${command("ar")}`,
        `--ranlib=${command("ranlib")}`,
        `--nm=${command("nm")}`,
        `--strip=${command("strip")}`,
      ],
      ...["--pkg-config=pkg-config", `--extra-cflags=${optimised.slice(2).join(" ")}`],
      ...(wantsNasm ? ["--x86asmexe=nasm"] : []),
    ],
    environment: { ...process.env, ZIG_GLOBAL_CACHE_DIR: zigCache, ZIG_LOCAL_CACHE_DIR: zigCache },
  };
}

// zig's linkers for Windows and macOS refuse some options of GNU's and Apple's that FFmpeg's configure gives them, with misleading
// messages, and every check that configure makes by linking would fail.
const refused = {
  pe: ["--pic-executable*", "--image-base,*", "--nxcompat*", "--dynamicbase*", "--high-entropy-va"],
  macho: ["-dynamic,*"],
};

/** A shell script that is a compiler for the target. */
export function compilerScript(zig, language, { zig: triple, binary }) {
  const patterns = (refused[binary] ?? []).map((option) => `-Wl,${option}`).join("|");
  const filter = `for argument; do
  shift
  case $argument in ${patterns}) ;; *) set -- "$@" "$argument" ;; esac
done
`;
  // Without the last flag zig compiles checks of undefined behaviour in.
  const compile = `exec ${zig} ${language} -target ${triple} -fno-sanitize=undefined "$@"`;
  return patterns === "" ? compile : `${filter}${compile}`;
}

function crossFile({ meson }, folder) {
  const quoted = (name) => `'${join(folder, name)}'`;
  return [
    "[binaries]",
    ...["c = cc", "cpp = c++", "ar = ar", "ranlib = ranlib", "strip = strip"].map((line) => {
      const [name, command] = line.split(" = ");
      return `${name} = ${quoted(command)}`;
    }),
    "nasm = 'nasm'",
    "[host_machine]",
    `system = '${meson.system}'`,
    `cpu_family = '${meson.cpu}'`,
    `cpu = '${meson.cpu}'`,
    "endian = 'little'",
    "[built-in options]",
    `c_args = [${optimised
      .slice(1)
      .map((flag) => `'${flag}'`)
      .join(", ")}]`,
    "",
  ].join("\n");
}
