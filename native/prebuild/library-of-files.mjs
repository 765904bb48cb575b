// A library that is a handful of C files, as a static archive.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { say } from "../commands.mjs";
import { cached, quietly } from "./cache.mjs";
import { fetchSource } from "./fetch.mjs";
import { sources } from "./sources.mjs";

/**
 * Its folder, with lib/pkgconfig inside. `name`: of its description; `archive`: of the archive where that is another; `files(source)`:
 * what is compiled; `flags(file, target)`: what that file needs besides.
 */
export async function buildFiles(target, { facts, cc, ar, cflags, environment: env }, library) {
  const { release, name, archive = name, headers, files, flags = () => [] } = library;
  return cached(
    "built",
    `${release}-${target.name}`,
    [sources[release].sha256, facts, cflags, String(files), String(flags)],
    async (folder, work) => {
      const source = await fetchSource(release);
      say(`building ${release} for ${target.name}`);
      const objects = files(source).map((file) => {
        const object = `${file.replaceAll("/", "-")}.o`;
        quietly(cc, [...cflags, ...flags(file, target), "-I", source, "-c", join(source, file), "-o", object], {
          cwd: work,
          env,
        });
        return object;
      });
      for (const part of ["lib/pkgconfig", "include"]) mkdirSync(join(folder, part), { recursive: true });
      quietly(ar, ["rcs", join(folder, `lib/${archive}.a`), ...objects], { cwd: work, env });
      for (const path of headers) {
        // As it is included: <webp/encode.h>, <libdeflate.h>.
        const place = join(folder, "include", path.replace(/^src\//, ""));
        mkdirSync(dirname(place), { recursive: true });
        copyFileSync(join(source, path), place);
      }
      const description = [
        `prefix=${folder}`,
        `Name: ${name}`,
        `Description: ${name}`,
        `Version: ${release.slice(name.length + 1)}`,
        `Libs: -L\${prefix}/lib -l${archive.replace(/^lib/, "")}`,
        "Cflags: -I${prefix}/include",
      ];
      writeFileSync(join(folder, `lib/pkgconfig/${name}.pc`), `${description.join("\n")}\n`);
    },
  );
}
