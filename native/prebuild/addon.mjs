// The addon with FFmpeg inside: everything linked into one file that shows Node its two functions and hides the rest.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { addonDefines, addonFlags, addonSources } from "../addon-sources.mjs";
import { SetupError, fingerprint, listFiles, root, run, say } from "../commands.mjs";
import { inParallel, runAsync } from "../parallel.mjs";
import { libraryNames } from "../requirements.mjs";
import { cacheDirectory, cached, quietly } from "./cache.mjs";
import { fetchNodeHeaders } from "./fetch.mjs";
import { buildFfmpeg } from "./ffmpeg.mjs";
import { buildImageLibraries } from "./image-libraries.mjs";
import { inspectBinary } from "./inspect.mjs";
import { buildLibraries } from "./libraries.mjs";
import { hideArchives } from "./mach-symbols.mjs";
import { nodeFunctions } from "./node-functions.mjs";
import { current } from "./sources.mjs";
import { makeToolchain } from "./toolchain.mjs";
import { addonExports, complaintsAbout } from "./verify.mjs";

const require = createRequire(import.meta.url);
const scripts = ["addon", "inspect", "mach-symbols", "node-functions", "verify"].map(
  (name) => `native/prebuild/${name}.mjs`,
);

/** The path of `framepool.node` for this target, with all that goes into it. `tree`: FFmpeg's sources in a folder. */
export async function makeAddon(target, tree) {
  const toolchain = await makeToolchain(target);
  const libraries = await buildLibraries(target, toolchain);
  const ffmpeg = await buildFfmpeg({ release: current.ffmpeg, tree, target, toolchain, libraries });
  const ofImages = await buildImageLibraries(target, toolchain);
  return buildAddon({ target, toolchain, ffmpeg, libraries: [...libraries, ...ofImages] });
}

async function buildAddon({ target, toolchain, ffmpeg, libraries }) {
  const node = await fetchNodeHeaders();
  const nodeAddonApi = require("node-addon-api/package.json").version;
  const madeOf = [
    // How it is compiled and linked is in these scripts.
    fingerprint([...listFiles(["native/av", "native/binding"], /\.(cc|h)$/), ...scripts]),
    ...[toolchain.facts, toolchain.cflags, addonFlags(), addonDefines(), node, nodeAddonApi, ffmpeg, libraries],
  ];
  const folder = await cached("addons", target.name, madeOf, async (made, work) => {
    const flags = pkgConfig("--cflags", ffmpeg, libraries);
    const headers = [join(node, "include"), dirname(require.resolve("node-addon-api/package.json"))];
    flags.push(...headers.flatMap((path) => ["-isystem", path]));
    // On Windows the headers would have Node's functions imported from a file named node.exe: see node-functions.mjs.
    if (target.binary === "pe") flags.push("-DNAPI_EXTERN=");
    flags.push(...toolchain.cflags, ...addonFlags(), ...addonDefines());
    say(`compiling the addon for ${target.name}`);
    const env = toolchain.environment;
    const compile = (source) => async () => {
      const object = join(work, `${source.replaceAll("/", "-")}.o`);
      const done = await runAsync(toolchain.cxx, [...flags, "-c", source, "-o", object], { env });
      if (!done.ok) throw new SetupError(`${basename(source)} did not compile:\n${done.output}`);
      return object;
    };
    const objects = await inParallel(addonSources().map(compile), availableParallelism());
    link({ target, toolchain, work, node, objects, output: join(made, "framepool.node"), ffmpeg, libraries });
  });
  return join(folder, "framepool.node");
}

/** Flags for these libraries and no others. */
function pkgConfig(option, ffmpeg, libraries) {
  const paths = [ffmpeg, ...libraries].map((folder) => join(folder, "lib/pkgconfig")).join(":");
  const env = { ...process.env, PKG_CONFIG_PATH: "", PKG_CONFIG_LIBDIR: paths };
  const asked = run("pkg-config", ["--static", option, ...libraryNames], { env });
  if (!asked.ok) throw new SetupError(asked.output);
  return asked.output.split(/\s+/).filter((flag) => flag !== "");
}

function link({ target, toolchain, work, node, objects, output, ffmpeg, libraries }) {
  const flags = linkFlags[target.binary]({ target, toolchain, work, node, folders: [ffmpeg, ...libraries] });
  const archives = pkgConfig("--libs", ffmpeg, libraries);
  quietly(toolchain.cxx, ["-shared", ...objects, ...flags, ...archives, "-o", output], { env: toolchain.environment });
  const bytes = readFileSync(output);
  const facts = inspectBinary(bytes);
  const folders = [cacheDirectory, root].filter((folder) => bytes.includes(folder));
  const complaints = complaintsAbout(facts, target, folders);
  if (complaints.length > 0) throw new SetupError(`${target.name}: the addon ${complaints.join("; it ")}`);
  const glibc = facts.glibc === null ? "" : `, glibc ${facts.glibc} or newer`;
  say(`${target.name}: ${(statSync(output).size / 1e6).toFixed(1)} MB${glibc}`);
}

const linkFlags = {
  elf: ({ work }) => {
    const script = join(work, "exports.map");
    writeFileSync(script, `{ global: ${addonExports.join("; ")}; local: *; };\n`);
    return [`-Wl,--version-script=${script}`, "-Wl,-Bsymbolic", "-Wl,--gc-sections", "-s"];
  },
  // Node's functions are found in the process; whether anything else is missing, the linker cannot tell and we look.
  macho: ({ work, folders }) => {
    const hidden = join(work, "hidden");
    mkdirSync(hidden, { recursive: true });
    hideArchives(folders, hidden);
    const name = "-Wl,-install_name,@rpath/framepool.node";
    return [`-L${hidden}`, name, "-Wl,-undefined,dynamic_lookup", "-Wl,-dead_strip", "-s"];
  },
  pe: ({ target, toolchain, work, node }) => {
    const source = join(work, "node-functions.c");
    writeFileSync(source, nodeFunctions(target.arch, require(join(node, "symbols.js"))));
    const object = `${source}.o`;
    quietly(toolchain.cc, [...toolchain.cflags, "-c", source, "-o", object], { env: toolchain.environment });
    return [object, "-Wl,--gc-sections", "-s"];
  },
};
