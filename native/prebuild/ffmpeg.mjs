// FFmpeg's libraries as static archives: decoders only, nothing of the build machine, and LGPL, since neither --enable-gpl nor
// --enable-nonfree is given.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { SetupError, fingerprint, listFiles, root } from "../commands.mjs";
import { cached, quietly, resume, step } from "./cache.mjs";
import { componentFlags } from "./components.mjs";
import { fetchSource } from "./fetch.mjs";
import { sources } from "./sources.mjs";

// Written when configure is done: what the folder of a build that was ended holds is good from there on.
const configured = ".configured";

export const ffmpegFlags = [
  ...["--disable-autodetect", "--disable-network", "--disable-programs", "--disable-doc", "--disable-debug"],
  ...[
    "--disable-avdevice",
    "--disable-avfilter",
    "--disable-iconv",
    "--enable-static",
    "--disable-shared",
    "--enable-pic",
  ],
  ...["--enable-zlib", "--enable-libdav1d", "--pkg-config-flags=--static", ...componentFlags()],
];

/**
 * The folder that `configure && make install` of this release fills. `tree`: a folder of FFmpeg's sources to take instead of the
 * release's.
 */
export async function buildFfmpeg({ release, tree, target, toolchain, libraries }) {
  const files = () => listFiles([relative(root, tree)], /\.(c|h|asm|S|sh)$|^configure$/);
  const pinned = tree === undefined ? sources[release].sha256 : fingerprint(files());
  const facts = [pinned, toolchain.facts, toolchain.configure, libraries, ffmpegFlags, corrections(target)];
  const build = async (folder, work) => {
    const source = tree ?? (await fetchSource(release));
    const paths = libraries.map((library) => join(library, "lib/pkgconfig")).join(":");
    // Only these: the build machine's own libraries are for another system, or another version.
    const env = { ...toolchain.environment, PKG_CONFIG_PATH: "", PKG_CONFIG_LIBDIR: paths };
    const args = [`--prefix=${folder}`, ...toolchain.configure, ...ffmpegFlags];
    if (!resume(work, configured)) {
      step(`configuring ${release} for ${target.name}`, join(source, "configure"), args, { cwd: work, env });
      correctConfiguration(join(work, "config.h"), target);
      writeFileSync(join(work, configured), "");
    }
    const make = [`-j${availableParallelism()}`];
    step(`building ${release} for ${target.name} (5 minutes and more)`, "make", make, { cwd: work, env });
    quietly("make", ["install"], { cwd: work, env });
  };
  return cached("built", `${release}-${target.name}`, facts, build, { resumes: true });
}

/** The same configuration in words that mean something on another machine. */
export function portableConfigureLine(target) {
  const cc = `--cc='zig cc -target ${target.zig}'`;
  return ["./configure", "--enable-cross-compile", ...target.configure, cc, ...ffmpegFlags].join(" ");
}

/** Lines of config.h that configure gets wrong, by the name that each defines. */
function corrections(target) {
  return {
    // glibc has kept this function, which configure finds, without the header that declares it.
    HAVE_SYSCTL: "0",
    // What avcodec_configuration() tells names no folder of this machine.
    FFMPEG_CONFIGURATION: `"${portableConfigureLine(target)}"`,
  };
}

function correctConfiguration(path, target) {
  let text = readFileSync(path, "utf8");
  for (const [name, value] of Object.entries(corrections(target))) {
    const line = new RegExp(`^#define ${name} .*$`, "m");
    if (!line.test(text)) throw new SetupError(`FFmpeg's configure defined no ${name}`);
    text = text.replace(line, () => `#define ${name} ${value}`);
  }
  writeFileSync(path, text);
}
