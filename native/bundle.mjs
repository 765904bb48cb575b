// The `framepool` command in a few files. What takes one frame spends most of its time starting, and Node needs about a
// millisecond for every module that it finds and reads. Set-up runs this once the packages are there, and removes old output.
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./commands.mjs";

await build({
  entryPoints: [join(root, "dist/src/cli/main.js")],
  // As deep below dist as the files it is made of: they name the workers by URLs relative to their own place.
  outdir: join(root, "dist/src/command"),
  chunkNames: "[name]-[hash]",
  bundle: true,
  // Each subcommand stays a file of its own, loaded when it is used.
  splitting: true,
  format: "esm",
  platform: "node",
  packages: "external",
  logLevel: "warning",
});
