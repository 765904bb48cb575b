// Debian's archive, read through lists that are nobody else's: the machine's own set-up is not touched.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, isOnPath, run } from "../commands.mjs";
import { cached, quietly } from "./cache.mjs";

const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";

export function hasDebian() {
  return isOnPath("apt-get") && existsSync(keys);
}

/** The archive that this machine takes Debian's packages from. */
export function debianUri() {
  const listed = run("apt-get", ["indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]).output;
  const uris = listed.split("\n").flatMap((line) => (/^Debian \S+\/debian\/?$/.test(line) ? [line.split(" ")[1]] : []));
  if (uris.length === 0) throw new SetupError("apt knows no archive of Debian here");
  return uris[0];
}

/**
 * Apt's options for lists of these suites alone. `type`: "deb" for packages, "deb-src" for source packages. `arch`: of the
 * packages' processor, Debian's word.
 */
export async function debianLists(type, suites, arch) {
  const uri = debianUri();
  const folder = await cached("debian", type, [uri, suites, arch], (made) => {
    for (const part of ["lists/partial", "archives/partial"]) mkdirSync(join(made, part), { recursive: true });
    const only = arch === undefined ? "" : `arch=${arch} `;
    const lines = suites.map((suite) => `${type} [${only}signed-by=${keys}] ${uri} ${suite} main\n`);
    writeFileSync(join(made, "sources.list"), lines.join(""));
    quietly("apt-get", [...options(made), "update"]);
  });
  return options(folder);
}

function options(folder) {
  const settings = {
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": folder,
    "Dir::Etc::SourceList": join(folder, "sources.list"),
    "Dir::Etc::SourceParts": "/nonexistent",
    // As root, apt would fetch as a user who may not write here.
    "APT::Sandbox::User": "root",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** A folder with the files of a package of any suite, for any of Debian's processors, which is unpacked and not installed. */
export function debianPackage(suite, name, arch) {
  return cached("debian", `${suite}-${name}-${arch}`, [], async (folder, work) => {
    const lists = [...(await debianLists("deb", [suite], arch)), "-o", `APT::Architecture=${arch}`];
    quietly("apt-get", [...lists, "update"]);
    quietly("apt-get", [...lists, "download", name], { cwd: work });
    quietly("dpkg-deb", ["-x", join(work, readdirSync(work)[0]), folder]);
  });
}
