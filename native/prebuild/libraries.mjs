// The two libraries that FFmpeg is built with, as static archives.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { say } from "../commands.mjs";
import { cached, quietly, step } from "./cache.mjs";
import { fetchSource } from "./fetch.mjs";
import { current, sources } from "./sources.mjs";
import { fetchTools } from "./toolchain.mjs";

// Without gz*.c: files are not zlib's business here.
const zlibSources = "adler32 compress crc32 deflate infback inffast inflate inftrees trees uncompr zutil".split(" ");
const dav1dOptions = [
  "-Denable_tools=false",
  "-Denable_tests=false",
  "--default-library=static",
  "--buildtype=release",
];

/** Their folders, with lib/pkgconfig inside. */
export async function buildLibraries(target, toolchain) {
  return [await buildZlib(target, toolchain), await buildDav1d(target, toolchain)];
}

async function buildZlib({ name }, { facts, cc, ar, cflags, environment: env }) {
  const madeOf = [sources[current.zlib].sha256, facts, cflags, zlibSources];
  return cached("built", `${current.zlib}-${name}`, madeOf, async (folder, work) => {
    const source = await fetchSource(current.zlib);
    say(`building ${current.zlib} for ${name}`);
    // Named, since the compiler for Windows would end them in .obj.
    for (const file of zlibSources) {
      quietly(cc, [...cflags, "-c", join(source, `${file}.c`), "-o", `${file}.o`], { cwd: work, env });
    }
    for (const part of ["lib/pkgconfig", "include"]) mkdirSync(join(folder, part), { recursive: true });
    const objects = zlibSources.map((file) => `${file}.o`);
    quietly(ar, ["rcs", join(folder, "lib/libz.a"), ...objects], { cwd: work, env });
    for (const header of ["zlib.h", "zconf.h"]) copyFileSync(join(source, header), join(folder, "include", header));
    const description = [
      `prefix=${folder}`,
      "Name: zlib",
      "Description: zlib",
      `Version: ${current.zlib.slice("zlib-".length)}`,
      "Libs: -L${prefix}/lib -lz",
      "Cflags: -I${prefix}/include",
    ];
    writeFileSync(join(folder, "lib/pkgconfig/zlib.pc"), `${description.join("\n")}\n`);
  });
}

async function buildDav1d({ name }, { facts, mesonSetup, environment }) {
  const madeOf = [sources[current.dav1d].sha256, facts, dav1dOptions];
  return cached("built", `${current.dav1d}-${name}`, madeOf, async (folder, work) => {
    const source = await fetchSource(current.dav1d);
    const { meson, ninja, path } = await fetchTools();
    const env = { ...environment, PATH: path };
    const setup = [`--prefix=${folder}`, "--libdir=lib", ...dav1dOptions, ...mesonSetup];
    step(`building ${current.dav1d} for ${name}`, meson, ["setup", ...setup, work, source], { env });
    quietly(ninja, ["-C", work, "install"], { env });
  });
}
