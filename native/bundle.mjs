// The library's entries and the `framepool` command in a few files: Node needs about a millisecond for every module that it finds
// and reads. And the decoding threads' file. Set-up runs this once the packages are there, and removes old output.
import { appendFileSync, copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./commands.mjs";

// As deep below dist as the files it is made of: they name the workers by URLs relative to their own place.
const outdir = join(root, "dist/src/bundle");
const entries = {
  index: "index",
  loader: "loader/index",
  adapters: "adapters/index",
  dataset: "dataset/index",
  queue: "queue/index",
  main: "cli/main",
  "mover-thread": "cli/mover-thread",
};

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, join(root, `dist/src/${file}.js`)]),
  ),
  outdir,
  chunkNames: "[name]-[hash]",
  bundle: true,
  // What the entries share they have once, and each subcommand stays a file of its own, loaded when it is used.
  splitting: true,
  format: "esm",
  platform: "node",
  // Comlink is small, and Node would find its slower form.
  mainFields: ["module", "main"],
  external: [
    "piscina",
    "undici",
    "ipaddr.js",
    "modern-tar",
    "sharp",
    "bullmq",
    "ioredis",
    "@aws-sdk/client-s3",
    "hyparquet-writer",
  ],
  sourcemap: true,
  // Beside it in the package.
  sourcesContent: false,
  logLevel: "warning",
  metafile: true,
});

// What Piscina's threads require, as CommonJS in one file. Node 20 and 22 abort the whole process where a thread is ended while it
// requires an ES module (module_wrap.cc, InstantiateSync), as by a pool that is closed while it starts; to import one takes libuv's
// threads, which may all be taken.
await build({
  entryPoints: [join(root, "dist/workers/decode-worker.js")],
  outfile: join(root, "dist/workers/decode-worker.cjs"),
  bundle: true,
  format: "cjs",
  platform: "node",
  external: ["piscina", "@framepool/*"],
  define: { "import.meta.url": "ownAddress" },
  banner: { js: 'const ownAddress = require("node:url").pathToFileURL(__filename).href;' },
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});

// The pages of `framepool view` and `framepool queue serve`: a script and a style sheet, for a browser, and what else is shown.
for (const [name, page] of [
  ["view", join(root, "src/cli/view/page")],
  ["queue", join(root, "src/cli/queue-page/page")],
]) {
  await build({
    entryPoints: [join(page, "page.ts"), join(page, "style.css")],
    outdir: join(outdir, name),
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    logLevel: "warning",
  });
  copyFileSync(join(page, "index.html"), join(outdir, name, "index.html"));
  copyFileSync(join(root, "src/cli/page/icon.svg"), join(outdir, name, "icon.svg"));
}

// Next.js's tracer, unlike others, copies the file that the decode worker's URL names and not what that imports. It follows this,
// which nobody calls.
const [holder] = Object.entries(metafile.outputs).find(
  ([, { inputs }]) => "dist/src/threads/worker-files.js" in inputs,
);
appendFileSync(join(root, holder), '\nvoid (() => import("../../workers/decode-worker.js"));\n');
