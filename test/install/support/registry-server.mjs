// The server behind startRegistry(), in a thread of its own: the checks hold up theirs while npm runs.
import { createServer } from "node:http";
import { parentPort } from "node:worker_threads";
import { npm } from "../../../native/commands.mjs";
import { builtPackages } from "./registry.mjs";

const built = builtPackages();
const upstream = npm(["config", "get", "registry"]).replace(/\/?$/, "/");
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname).slice(1);
  const [name, file] = path.split("/-/");
  const found = built.get(name);
  if (found === undefined) {
    // What we do not have is not published by anybody either.
    if (name.startsWith("@framepool/") || name === "framepool") response.writeHead(404).end("{}");
    else response.writeHead(302, { location: upstream + request.url.slice(1) }).end();
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
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}
