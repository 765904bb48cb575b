// Pinned sources: from upstream, or from Debian's source package where upstream is not reached. Whatever came is checked by its hash.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, npm, run, say } from "../commands.mjs";
import { cacheDirectory, cached, quietly } from "./cache.mjs";
import { debianLists, hasDebian } from "./debian.mjs";
import { nodeHeaders, sources } from "./sources.mjs";

const debianSuites = ["trixie", "sid"];

/** The folder of the source's files, for reading only. */
export async function fetchSource(name) {
  const source = sources[name];
  if (source === undefined) throw new SetupError(`${name} is not one of ${Object.keys(sources).join(", ")}`);
  return cached("sources", name, [source.sha256], async (folder, work) => {
    const archive = join(work, "archive");
    if (!(await fromUpstream(source, archive)) && !(await fromDebian(source, archive))) {
      throw new SetupError(
        `${name} was fetched neither from ${source.url} nor from Debian; its file may be put at ${handPlaced(source)}`,
      );
    }
    quietly("tar", ["-xf", archive, "--strip-components=1", "-C", folder]);
  });
}

/** The folder of the package with Node-API's headers. */
export function fetchNodeHeaders() {
  return npmPackage(nodeHeaders.package, nodeHeaders.sha512);
}

/** A folder with the files of a package of npm's registry (`name@version`); nothing of it is run. `sha512`: where it is pinned. */
export function npmPackage(wanted, sha512) {
  const name = wanted.replace(/^@/, "").replaceAll(/[^\w.-]+/g, "-");
  return cached("npm", name, [wanted, sha512 ?? null], (folder, work) => {
    const packed = npm(["pack", "--json", wanted], work);
    const archive = join(work, JSON.parse(packed)[0].filename);
    const found = createHash("sha512").update(readFileSync(archive)).digest("base64");
    if (sha512 !== undefined && found !== sha512) {
      throw new SetupError(`${wanted} is not the one that is pinned: ${found}`);
    }
    quietly("tar", ["-xf", archive, "--strip-components=1", "-C", folder]);
  });
}

function hashOf(bytes) {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Where somebody without a network puts the release's file. */
function handPlaced({ url }) {
  return join(cacheDirectory, "downloads", url.slice(url.lastIndexOf("/") + 1));
}

async function fromUpstream({ url, sha256, ...source }, archive) {
  const placed = handPlaced({ url, ...source });
  const bytes = existsSync(placed) ? readFileSync(placed) : await download(url);
  if (bytes === null) return false;
  const found = hashOf(bytes);
  if (found !== sha256)
    throw new SetupError(`${existsSync(placed) ? placed : url} is not the file that is pinned: ${found}`);
  writeFileSync(archive, bytes);
  return true;
}

async function download(url) {
  say(`fetching ${url}`);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10 * 60_000) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    say(`${url}: status ${response.status}`);
  } catch (error) {
    say(`${url}: ${error.cause?.message ?? error.message}`);
  }
  return null;
}

async function fromDebian({ sha256, debian }, archive) {
  if (debian === undefined || !hasDebian()) return false;
  say(`fetching ${debian.file} of Debian's source package`);
  const wanted = debian.sha256 ?? sha256;
  const lists = await debianLists("deb-src", debianSuites);
  const find = () => findVersion(run("apt-cache", [...lists, "showsrc", debian.package]).output, debian.file, wanted);
  let version = find();
  if (version === null) {
    quietly("apt-get", [...lists, "update"]);
    version = find();
  }
  if (version === null) return false;
  const folder = join(archive, "..");
  // Debian's own files beside it may have been replaced since the lists were made: only this one counts.
  run("apt-get", [...lists, "source", "--download-only", `${debian.package}=${version}`], { cwd: folder });
  const path = join(folder, debian.file);
  if (!existsSync(path) || hashOf(readFileSync(path)) !== wanted) return false;
  renameSync(path, archive);
  return true;
}

/** The version of the source package that holds `file` with this hash, in what `apt-cache showsrc` printed; null: none. */
export function findVersion(printed, file, sha256) {
  for (const paragraph of printed.split(/\n\n+/)) {
    const version = /^Version: (\S+)$/m.exec(paragraph)?.[1];
    const listed = paragraph.split("\n").some((line) => {
      const [hash, , name] = line.trim().split(" ");
      return hash === sha256 && name === file;
    });
    if (version !== undefined && listed) return version;
  }
  return null;
}
