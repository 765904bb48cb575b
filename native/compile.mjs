// The native build, for us (set-up, warnings are errors) and for users (`framepool build`, they are not).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { SetupError, fingerprint, listFiles, nodeEnvironment, npm, readStamp, root, run, say } from "./commands.mjs";
import { libraryVersions } from "./requirements.mjs";

const buildDirectory = join(root, "native/build");
export const addonPath = join(buildDirectory, "Release/framepool.node");
const stampFile = join(buildDirectory, "framepool.stamp");
/** Beside the build directory, which node-gyp and we empty. */
const fetchedTools = join(root, "native/build-tools");

/** Builds the addon unless the last build had the same sources, flags, FFmpeg and Node. */
export function compileAddon({ strict }) {
  const tools = findTools() ?? fetchTools();
  const environment = environmentFingerprint(strict, tools);
  const sources = fingerprint(listFiles(["native/av", "native/binding"], /\.(cc|h)$/));
  const stamp = `${environment}\n${sources}\n`;
  const last = readStamp(stampFile);
  if (last === stamp && existsSync(addonPath)) return;

  say("building the native addon (a minute or two)");
  // make sees changed sources itself, but not another FFmpeg, Node or flag.
  if (!last.startsWith(environment)) rmSync(buildDirectory, { recursive: true, force: true });
  rmSync(stampFile, { force: true });
  const args = [tools.gyp, "configure", "build", "--release", "--jobs=max", `--directory=${join(root, "native")}`];
  args.push(
    `--framepool_strict=${strict ? 1 : 0}`,
    `--framepool_headers=${relative(join(root, "native"), tools.headers)}`,
    ...headerOptions(),
  );
  const built = run(process.execPath, args, { env: nodeEnvironment() });
  if (!built.ok || !existsSync(addonPath)) {
    console.error(built.output);
    throw new SetupError("the native addon did not build: the compiler's messages are above");
  }
  mkdirSync(buildDirectory, { recursive: true });
  writeFileSync(stampFile, stamp);
}

/** node-gyp and node-addon-api, where Node finds them from here: in a clone, and where somebody installed them. */
function findTools(from = import.meta.url) {
  const require = createRequire(from);
  try {
    return {
      gyp: require.resolve("node-gyp/bin/node-gyp.js"),
      headers: dirname(require.resolve("node-addon-api/package.json")),
    };
  } catch {
    return null;
  }
}

/** Only a build needs them: users of the packages have none, and get the versions that this package is built with. */
function fetchTools() {
  const from = join(fetchedTools, "package.json");
  const fetched = existsSync(from) ? findTools(from) : null;
  if (fetched !== null) return fetched;
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const wanted = ["node-gyp", "node-addon-api"].map((name) => `${name}@${devDependencies[name]}`);
  say(`fetching ${wanted.join(" and ")} with npm`);
  mkdirSync(fetchedTools, { recursive: true });
  writeFileSync(from, '{ "private": true }\n');
  npm(["install", `--prefix=${fetchedTools}`, "--ignore-scripts", "--no-audit", "--no-fund", ...wanted], fetchedTools);
  const tools = findTools(from);
  if (tools === null) throw new SetupError(`npm put ${wanted.join(" and ")} somewhere else than into ${fetchedTools}`);
  return tools;
}

function environmentFingerprint(strict, { headers }) {
  const { CC, CXX, CXXFLAGS, LDFLAGS, PKG_CONFIG_PATH } = process.env;
  const { version } = JSON.parse(readFileSync(join(headers, "package.json"), "utf8"));
  return fingerprint(
    ["native/binding.gyp"],
    [strict, libraryVersions(), process.versions.modules, process.platform, process.arch, version].concat(
      [CC, CXX, CXXFLAGS, LDFLAGS, PKG_CONFIG_PATH].map((value) => value ?? null),
    ),
  );
}

/** Node's headers often stand beside its binary; only where they do not, node-gyp downloads them. */
function headerOptions() {
  if (process.env.npm_config_nodedir !== undefined) return [];
  const prefix = dirname(dirname(process.execPath));
  const headers = ["node_api.h", "common.gypi"].map((name) => join(prefix, "include/node", name));
  return headers.every((header) => existsSync(header)) ? [`--nodedir=${prefix}`] : [];
}
