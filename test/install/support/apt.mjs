// Files of a Debian package of another suite than this machine's, unpacked beside it: nothing is installed.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyFolder, madeOnce, must } from "./tools.mjs";

const keys = "/usr/share/keyrings/debian-archive-keyring.gpg";

export function aptArchive(suite, name) {
  return madeOnce(`${suite}-${name}`, (part) => {
    const lists = emptyFolder();
    for (const folder of ["lists/partial", "archives/partial"]) mkdirSync(join(lists, folder), { recursive: true });
    writeFileSync(join(lists, "sources.list"), `deb [signed-by=${keys}] http://deb.debian.org/debian ${suite} main\n`);
    const options = Object.entries({
      "Dir::State::Lists": join(lists, "lists"),
      "Dir::State::status": "/dev/null",
      "Dir::Cache": lists,
      "Dir::Etc::SourceList": join(lists, "sources.list"),
      "Dir::Etc::SourceParts": "/nonexistent",
      "APT::Sandbox::User": "root",
    }).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    must("apt-get", [...options, "update", "-qq"]);
    must("apt-get", [...options, "download", name], { cwd: lists });
    const archive = readdirSync(lists).find((file) => file.endsWith(".deb"));
    must("dpkg-deb", ["-x", join(lists, archive), part]);
  });
}
