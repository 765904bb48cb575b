// The native build, for us (set-up, warnings are errors) and for users (install script, they are not).
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { SetupError, fingerprint, listFiles, nodeEnvironment, readStamp, root, run, say } from "./commands.mjs";
import { libraryVersions } from "./requirements.mjs";

const require = createRequire(import.meta.url);
const buildDirectory = join(root, "native/build");
const addon = join(buildDirectory, "Release/framepool.node");
const stampFile = join(buildDirectory, "framepool.stamp");

/** Builds the addon unless the last build had the same sources, flags, FFmpeg and Node. */
export function compileAddon({ strict }) {
  const environment = environmentFingerprint(strict);
  const sources = fingerprint(listFiles(["native/av", "native/binding"], /\.(cc|h)$/));
  const stamp = `${environment}\n${sources}\n`;
  const last = readStamp(stampFile);
  if (last === stamp && existsSync(addon)) return;

  say("building the native addon (a minute or two)");
  // make sees changed sources itself, but not another FFmpeg, Node or flag.
  if (!last.startsWith(environment)) rmSync(buildDirectory, { recursive: true, force: true });
  rmSync(stampFile, { force: true });
  const args = [require.resolve("node-gyp/bin/node-gyp.js"), "configure", "build", "--release", "--jobs=max"];
  args.push(`--directory=${join(root, "native")}`, `--framepool_strict=${strict ? 1 : 0}`, ...headerOptions());
  const built = run(process.execPath, args, { env: nodeEnvironment() });
  if (!built.ok || !existsSync(addon)) {
    console.error(built.output);
    throw new SetupError("the native addon did not build: the compiler's messages are above");
  }
  mkdirSync(buildDirectory, { recursive: true });
  writeFileSync(stampFile, stamp);
}

function environmentFingerprint(strict) {
  const { CC, CXX, CXXFLAGS, LDFLAGS, PKG_CONFIG_PATH } = process.env;
  const { version } = JSON.parse(readFileSync(require.resolve("node-addon-api/package.json"), "utf8"));
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
