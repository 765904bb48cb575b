// A registry of this machine's own: the tarballs of dist/packages as if they were published, everything else from where npm usually looks.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { quietly } from "../../../native/prebuild/cache.mjs";
import { packagesDirectory } from "../../../native/prebuild/packages.mjs";

/** What the tarballs in dist/packages say of themselves: name -> manifest, with the tarball's path, bytes and hash. */
export function builtPackages() {
  const packages = listTarballs().map((file) => readPackage(join(packagesDirectory, file)));
  return new Map(packages.map((one) => [one.manifest.name, one]));
}

export function readPackage(path) {
  const manifest = JSON.parse(quietly("tar", ["-xzOf", path, "package/package.json"]));
  const bytes = readFileSync(path);
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return { manifest, path, bytes, integrity };
}

function listTarballs() {
  try {
    return readdirSync(packagesDirectory).filter((file) => file.endsWith(".tgz"));
  } catch {
    return [];
  }
}

/** Listens on a free port of the loopback; `close()` ends it. */
export async function startRegistry() {
  const thread = new Worker(new URL("registry-server.mjs", import.meta.url));
  const [url] = await once(thread, "message");
  return { url, close: () => thread.terminate() };
}
