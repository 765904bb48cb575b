// The server behind startRegistry(), in a thread of its own: the checks hold up theirs while npm runs.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { npm } from "../../../native/commands.mjs";
import { quietly } from "../../../native/prebuild/cache.mjs";
import { platformManifest } from "../../../native/prebuild/packages.mjs";
import { targets } from "../../../native/prebuild/targets.mjs";
import { builtPackages, readPackage } from "./registry.mjs";
import { emptyFolder } from "./tools.mjs";

const built = builtPackages();
// A release has them all: those that were not built say the same of themselves, and are empty.
const { manifest: released } = built.get("framepool");
for (const target of Object.values(targets)) {
  if (built.has(target.package)) continue;
  const folder = emptyFolder();
  mkdirSync(join(folder, "package"));
  writeFileSync(join(folder, "package/package.json"), JSON.stringify(platformManifest(released, target)));
  const tarball = join(folder, "package.tgz");
  quietly("tar", ["-czf", tarball, "-C", folder, "package"]);
  built.set(target.package, readPackage(tarball));
  rmSync(folder, { recursive: true });
}
const upstream = npm(["config", "get", "registry"]).replace(/\/?$/, "/");
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname).slice(1);
  const [name, file] = path.split("/-/");
  const found = built.get(name);
  if (found === undefined) {
    response.writeHead(302, { location: upstream + request.url.slice(1) }).end();
  } else if (file !== undefined) {
    response.writeHead(200, { "content-type": "application/octet-stream" }).end(found.bytes);
  } else {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(packument(found, `http://${request.headers.host}/`)));
  }
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(`http://127.0.0.1:${server.address().port}/`));

function packument({ manifest, integrity }, address) {
  const { name, version } = manifest;
  const tarball = `${address}${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`;
  return {
    name,
    "dist-tags": { latest: version },
    // Some managers leave out what was published only just now.
    time: { [version]: "2020-01-01T00:00:00.000Z" },
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}
