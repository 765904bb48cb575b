import { readdirSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AddonLoadError, type Attempt } from "./load-error.js";
import { libc, reportedGlibc } from "./libc.js";

// By its module, and the addon's path by another file's: webpack would take both into a bundle, or not find what is of other platforms.
const require = nodeModule.createRequire(import.meta.url);

// Seen from dist/native, where this file runs.
const manifestPath = fileURLToPath(new URL("../../package.json", import.meta.url));
const localPath = join(dirname(manifestPath), "native/build/Release/framepool.node");
/** Where a package manager puts the platform's package. */
const besidePath = fileURLToPath(new URL("../../../@framepool/", import.meta.url));

/** This machine's name among the packages: linux-x64, linuxmusl-arm64, win32-x64, darwin-arm64. */
export const platformName = `${process.platform}${libc === "musl" ? "musl" : ""}-${process.arch}`;

/** Written out one by one: that is what bundlers and tracers of files can follow. */
const packages: Readonly<Record<string, () => unknown>> = {
  "linux-x64": () => require("@framepool/linux-x64/framepool.node") as unknown,
  "linux-arm64": () => require("@framepool/linux-arm64/framepool.node") as unknown,
  "linuxmusl-x64": () => require("@framepool/linuxmusl-x64/framepool.node") as unknown,
  "linuxmusl-arm64": () => require("@framepool/linuxmusl-arm64/framepool.node") as unknown,
  "win32-x64": () => require("@framepool/win32-x64/framepool.node") as unknown,
  "win32-arm64": () => require("@framepool/win32-arm64/framepool.node") as unknown,
  "darwin-x64": () => require("@framepool/darwin-x64/framepool.node") as unknown,
  "darwin-arm64": () => require("@framepool/darwin-arm64/framepool.node") as unknown,
};

export interface LoadedAddon {
  readonly binding: unknown;
  /** "FRAMEPOOL_ADDON", "local build", or the package's name. */
  readonly from: string;
  readonly path: string;
  /** What came first and does not load. */
  readonly tried: readonly Attempt[];
}

let outcome: LoadedAddon | AddonLoadError | undefined;

/**
 * The addon that was built on this machine, else the one of the platform's package; or the one that FRAMEPOOL_ADDON in the
 * environment names, and no other. Throws AddonLoadError: the same one for every caller, since nothing changes while this thread lives.
 */
export function loadAddon(): LoadedAddon {
  outcome ??= findAddon();
  if (outcome instanceof AddonLoadError) throw outcome;
  return outcome;
}

function findAddon(): LoadedAddon | AddonLoadError {
  const name = `@framepool/${platformName}`;
  const load = packages[platformName];
  const candidates = [];
  const chosen = process.env["FRAMEPOOL_ADDON"] ?? "";
  if (chosen !== "") {
    candidates.push({
      from: "FRAMEPOOL_ADDON",
      load: () => require(resolve(chosen)) as unknown,
      path: () => resolve(chosen),
    });
  } else {
    candidates.push({ from: "local build", load: () => require(localPath) as unknown, path: () => localPath });
    if (load !== undefined)
      candidates.push({ from: name, load, path: () => require.resolve(`${name}/framepool.node`) });
  }
  const tried: Attempt[] = [];
  for (const { from, load: attempt, path } of candidates) {
    try {
      return { binding: attempt(), from, path: path(), tried };
    } catch (error) {
      tried.push({ from, error });
    }
  }
  return new AddonLoadError(tried, {
    platform: platformName,
    hasPackage: load !== undefined,
    installed: installedPackages(),
    version: ownVersion(),
    node: process.versions.node,
    electron: process.versions["electron"],
    glibc: libc === "glibc" ? reportedGlibc() : undefined,
  });
}

/** Packages of other platforms: node_modules was copied from there. */
function installedPackages(): readonly string[] {
  try {
    return readdirSync(besidePath).filter((name) => name in packages);
  } catch {
    return [];
  }
}

function ownVersion(): string {
  const { version } = require(manifestPath) as { readonly version: string };
  return version;
}
