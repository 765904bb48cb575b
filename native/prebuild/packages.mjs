// The packages as npm gets them: one for each platform with nothing but the binary and its papers, and the main one.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { npm, root } from "../commands.mjs";
import { portableConfigureLine } from "./ffmpeg.mjs";
import { fetchSource } from "./fetch.mjs";
import { current, sources, tools } from "./sources.mjs";
import { targets } from "./targets.mjs";

/** Where the tarballs are put; all that is there after a run belongs to one version. */
export const packagesDirectory = join(root, "dist/packages");

export function readManifest() {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { ...whereabouts(originOf(process.env)), ...manifest };
}

/** The repository that this is a clone of: as the workflow says, which npm's provenance is held to, otherwise as git does. */
function originOf({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name }) {
  if (server !== undefined && name !== undefined) return `${server}/${name}`;
  const { status, stdout } = spawnSync("git", ["config", "--get", "remote.origin.url"], {
    cwd: root,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : "";
}

/**
 * What package.json says of where a package comes from, for an address of git's: `https://host/owner/name(.git)`,
 * `git@host:owner/name(.git)`. Nothing for a folder, or another form: it would not lead anybody anywhere.
 */
export function whereabouts(origin) {
  const found = /^(?:https:\/\/(?:[^@/]*@)?|(?:ssh:\/\/)?git@)([\w.-]+\.\w+)[:/]([\w./-]+?)(?:\.git)?\/?$/.exec(origin);
  if (found === null) return {};
  const page = `https://${found[1]}/${found[2]}`;
  return {
    repository: { type: "git", url: `git+${page}.git` },
    homepage: `${page}#readme`,
    bugs: { url: `${page}/issues` },
  };
}

/** package.json of a platform's package: package managers choose it by os, cpu and libc. */
export function platformManifest({ name, version, repository, homepage, bugs, engines }, target) {
  return {
    name: target.package,
    version,
    description: `${name}'s native addon for ${target.name}, with its own FFmpeg`,
    // Ours and libdeflate's, FFmpeg's, dav1d's, zlib's, libwebp's and libjpeg-turbo's.
    license: "MIT AND LGPL-2.1-or-later AND BSD-2-Clause AND Zlib AND BSD-3-Clause AND IJG",
    ...Object.fromEntries(Object.entries({ repository, homepage, bugs }).filter(([, value]) => value !== undefined)),
    ...target.npm,
    engines,
    main: "./framepool.node",
    exports: { ".": "./framepool.node", "./framepool.node": "./framepool.node", "./package.json": "./package.json" },
    // Yarn's Plug'n'Play would keep it in an archive, from which no system loads a library.
    preferUnplugged: true,
    publishConfig: { access: "public" },
  };
}

/** package.json of the main package: exactly these binaries, and no script that runs anywhere. */
export function mainManifest(manifest) {
  const { scripts: _scripts, ...kept } = manifest;
  const binaries = Object.values(targets).map((target) => [target.package, manifest.version]);
  return { ...kept, optionalDependencies: Object.fromEntries(binaries), publishConfig: { access: "public" } };
}

/** As npm names it. */
export function tarballOf(packageName, { version }) {
  return `${packageName.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/** The tarballs of a release in the order of their publication. */
export function releaseFiles(manifest) {
  return [...Object.values(targets).map((target) => target.package), manifest.name].map((name) =>
    tarballOf(name, manifest),
  );
}

/** What anybody needs to make the same file, or one with another FFmpeg in it, as the LGPL grants. */
function describe(manifest, target) {
  const used = Object.values(current).map(
    (name) => `- ${name}: ${sources[name].url}\n  sha256 ${sources[name].sha256}`,
  );
  const built = tools.map(({ name, version }) => `${name} ${version}`).join(", ");
  return `# ${target.package}

The native addon of [${manifest.name}](https://www.npmjs.com/package/${manifest.name}) ${manifest.version} for ${target.name}. It holds FFmpeg, under the GNU Lesser General Public
License 2.1 or later, without parts under the GPL, and dav1d, zlib, libjpeg-turbo, libwebp and libdeflate; their licenses are beside this file.

## Sources

${used.join("\n")}

None is changed. Built with ${built}. FFmpeg was configured with:

\`\`\`sh
${portableConfigureLine(target)}
\`\`\`

## With another FFmpeg

In a clone of ${manifest.name} at version ${manifest.version}, on Linux, with FFmpeg's sources as you want them in FOLDER:

\`\`\`sh
npm run prebuild -- --target ${target.name} --ffmpeg FOLDER
\`\`\`

\`dist/packages\` then has this package with that FFmpeg; its \`framepool.node\` may take the place of the one here.
`;
}

/** By the name of the copy: whose it is, and the file there. */
const licenses = {
  ffmpeg: ["ffmpeg", "COPYING.LGPLv2.1"],
  dav1d: ["dav1d", "COPYING"],
  zlib: ["zlib", "LICENSE"],
  "libjpeg-turbo": ["jpegTurbo", "LICENSE.md"],
  "libjpeg-turbo-ijg": ["jpegTurbo", "README.ijg"],
  libwebp: ["libwebp", "COPYING"],
  "libwebp-patents": ["libwebp", "PATENTS"],
  libdeflate: ["libdeflate", "COPYING"],
};

export async function packPlatform(manifest, target, addon) {
  const staging = join(packagesDirectory, ".staging", target.name);
  mkdirSync(join(staging, "licenses"), { recursive: true });
  copyFileSync(addon, join(staging, "framepool.node"));
  copyFileSync(join(root, "LICENSE"), join(staging, "LICENSE"));
  for (const [name, [part, file]] of Object.entries(licenses)) {
    copyFileSync(join(await fetchSource(current[part]), file), join(staging, "licenses", `${name}.txt`));
  }
  writeFileSync(join(staging, "README.md"), describe(manifest, target));
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(platformManifest(manifest, target), null, 2)}\n`);
  return pack(staging);
}

/** From the built clone: the files that `npm pack` would take, with the package.json of a release. */
export function packMain(manifest) {
  const listed = npm(["pack", "--dry-run", "--json", "--ignore-scripts"]);
  const staging = join(packagesDirectory, ".staging/main");
  for (const { path } of JSON.parse(listed)[0].files) {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    copyFileSync(join(root, path), join(staging, path));
  }
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(mainManifest(manifest), null, 2)}\n`);
  return pack(staging);
}

/** The package's and the tarball's names and its sizes in bytes. */
function pack(staging) {
  const packed = npm(["pack", "--json", "--ignore-scripts", `--pack-destination=${packagesDirectory}`], staging);
  const [{ name, filename, size, unpackedSize }] = JSON.parse(packed);
  rmSync(staging, { recursive: true });
  return { name, filename, size, unpackedSize };
}
