// What pictures are encoded with, as static archives. libjpeg-turbo has a build of its own, which knows its assembler; the
// others are a handful of C files.
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { cached, quietly, step } from "./cache.mjs";
import { fetchSource } from "./fetch.mjs";
import { buildFiles } from "./library-of-files.mjs";
import { current, sources } from "./sources.mjs";

/** Their folders, with lib/pkgconfig inside. */
export async function buildImageLibraries(target, toolchain) {
  return [
    await buildJpegTurbo(target, toolchain),
    await buildFiles(target, toolchain, libdeflate),
    await buildFiles(target, toolchain, libwebp),
  ];
}

const jpegTurboOptions = [
  ...["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_POSITION_INDEPENDENT_CODE=ON", "-DCMAKE_INSTALL_LIBDIR=lib"],
  ...["-DENABLE_SHARED=OFF", "-DENABLE_STATIC=ON", "-DWITH_TURBOJPEG=ON", "-DWITH_TOOLS=OFF", "-DWITH_TESTS=OFF"],
  // Slow pictures would be a fault that nobody notices.
  "-DREQUIRE_SIMD=ON",
];

async function buildJpegTurbo({ name, cmake }, { facts, cc, ar, ranlib, cflags, environment: env }) {
  const tools = [`-DCMAKE_C_COMPILER=${cc}`, `-DCMAKE_AR=${ar}`, `-DCMAKE_RANLIB=${ranlib}`];
  const system = Object.entries(cmake).map(([key, value]) => `-DCMAKE_${key}=${value}`);
  const options = [...jpegTurboOptions, ...tools, ...system, `-DCMAKE_C_FLAGS=${cflags.slice(1).join(" ")}`];
  return cached(
    "built",
    `${current.jpegTurbo}-${name}`,
    [sources[current.jpegTurbo].sha256, facts, options],
    async (folder, work) => {
      const source = await fetchSource(current.jpegTurbo);
      const setup = ["-S", source, "-B", work, `-DCMAKE_INSTALL_PREFIX=${folder}`, ...options];
      step(`building ${current.jpegTurbo} for ${name}`, "cmake", setup, { env });
      const parallel = ["--parallel", String(availableParallelism())];
      quietly("cmake", ["--build", work, "--target", "install", ...parallel], { env });
    },
  );
}

/** The compressor and the checksums; without gzip, and nothing is inflated. */
const libdeflate = {
  release: current.libdeflate,
  name: "libdeflate",
  headers: ["libdeflate.h"],
  files: () => [
    ..."adler32 crc32 deflate_compress utils zlib_compress".split(" ").map((file) => `lib/${file}.c`),
    ..."arm x86".split(" ").map((family) => `lib/${family}/cpu_features.c`),
  ],
  // This clang knows what those processors have by other names.
  flags: (_file, { arch }) =>
    arch === "x64"
      ? ["-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_AVX512VNNI", "-DLIBDEFLATE_ASSEMBLER_DOES_NOT_SUPPORT_VPCLMULQDQ"]
      : [],
};

/** The encoder; code for other processors than ours is left out. */
const libwebp = {
  release: current.libwebp,
  name: "libwebp",
  headers: ["src/webp/encode.h", "src/webp/types.h"],
  files: (source) =>
    ["src/enc", "src/dsp", "src/utils", "sharpyuv"].flatMap((folder) =>
      readdirSync(join(source, folder))
        .filter((file) => file.endsWith(".c") && !/_(mips|msa)/.test(file))
        .sort()
        .map((file) => `${folder}/${file}`),
    ),
  // What is compiled for a newer processor is used where there is one.
  flags: (file, { arch }) => {
    if (arch !== "x64") return [];
    const own = /_sse41\.c$/.test(file) ? ["-msse4.1"] : /_avx2\.c$/.test(file) ? ["-mavx2"] : [];
    return ["-DWEBP_HAVE_SSE41", "-DWEBP_HAVE_AVX2", ...own];
  },
};
