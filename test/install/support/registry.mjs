// A registry of this machine's own: the tarballs of dist/packages as if they were published, everything else from where npm usually looks.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError, root } from "../../../native/commands.mjs";
import { must } from "./tools.mjs";

export const packages = join(root, "dist/packages");

/** What the tarballs in dist/packages say of themselves: name -> manifest, with the tarball's path and hashes. */
export function builtPackages() {
  const files = listTarballs();
  if (files.length === 0) throw new SetupError("dist/packages is empty: npm run prebuild first");
  return new Map(
    files.map((file) => {
      const path = join(packages, file);
      const manifest = JSON.parse(must("tar", ["-xzOf", path, "package/package.json"]));
      const bytes = readFileSync(path);
      const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
      return [manifest.name, { manifest, path, bytes, integrity }];
    }),
  );
}

function listTarballs() {
  try {
    return readdirSync(packages).filter((file) => file.endsWith(".tgz"));
  } catch {
    return [];
  }
}

/** Listens on a free port of the loopback; `close()` ends it. */
export async function startRegistry() {
  const built = builtPackages();
  const upstream = must("npm", ["config", "get", "registry"]).replace(/\/?$/, "/");
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
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

function packument({ manifest, integrity }, address) {
  const { name, version } = manifest;
  const tarball = `${address}${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`;
  return {
    name,
    "dist-tags": { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}
