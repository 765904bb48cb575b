// The two libraries that FFmpeg is built with, as static archives.
import { cached, quietly, step } from "./cache.mjs";
import { fetchSource } from "./fetch.mjs";
import { buildFiles } from "./library-of-files.mjs";
import { current, sources } from "./sources.mjs";
import { fetchTools } from "./toolchain.mjs";

/** Without gz*.c: files are not zlib's business here. */
const zlib = {
  release: current.zlib,
  name: "zlib",
  archive: "libz",
  headers: ["zlib.h", "zconf.h"],
  files: () =>
    "adler32 compress crc32 deflate infback inffast inflate inftrees trees uncompr zutil"
      .split(" ")
      .map((file) => `${file}.c`),
};
const dav1dOptions = [
  "-Denable_tools=false",
  "-Denable_tests=false",
  "--default-library=static",
  "--buildtype=release",
];

/** Their folders, with lib/pkgconfig inside. */
export async function buildLibraries(target, toolchain) {
  return [await buildFiles(target, toolchain, zlib), await buildDav1d(target, toolchain)];
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
