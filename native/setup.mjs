// Everything between a fresh clone and a runnable build: system packages, npm packages, native addon, TypeScript.
// Each step is skipped when its inputs did not change, so `npm start` and `npm test` can always run it first.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, fingerprint, listFiles, npm, readStamp, root, run, runScript, say } from "./commands.mjs";
import { compileAddon } from "./compile.mjs";
import { withLock } from "./lock.mjs";
import { findMissing, provide } from "./requirements.mjs";

const oldestNode = [20, 19];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupError(`Node ${oldestNode.join(".")} or newer is needed; this is ${process.versions.node}`);
}

function installPackages() {
  const stampFile = join(root, "node_modules/.framepool-stamp");
  const stamp = fingerprint(["package-lock.json"], [process.platform, process.arch]);
  if (readStamp(stampFile) === stamp) return;
  say("installing npm packages");
  npm(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]);
  writeFileSync(stampFile, stamp);
}

function compileTypeScript() {
  const stampFile = join(root, "dist/framepool.stamp");
  const directories = ["src", "workers", "native", "bench", "test"];
  const sources = listFiles(directories, /\.ts$/);
  const page = listFiles(["src/cli"], /\.(html|css|svg|json)$/);
  const stamp = fingerprint([...sources, ...page, "native/bundle.mjs", "tsconfig.json", "package-lock.json"]);
  if (readStamp(stampFile) === stamp) return;
  say("compiling TypeScript");
  rmSync(stampFile, { force: true });
  removeStaleOutput(sources);
  for (const project of ["tsconfig.json", "src/cli/view/page/tsconfig.json", "src/cli/queue-page/page/tsconfig.json"]) {
    // A tenth of the time, so that nothing is left of the last build; ESLint's rules need the one written in JavaScript.
    const compiler = join(root, "node_modules/typescript-7/bin/tsc");
    const compiled = run(process.execPath, [compiler, "--project", project, "--pretty", "false"]);
    if (compiled.ok) continue;
    console.error(compiled.output);
    throw new SetupError("TypeScript did not compile: its messages are above");
  }
  bundleEntries();
  writeFileSync(stampFile, stamp);
}

function bundleEntries() {
  const bundled = run(process.execPath, [join(root, "native/bundle.mjs")]);
  if (bundled.ok) return;
  console.error(bundled.output);
  throw new SetupError("the package was not bundled: the messages are above");
}

/** tsc leaves the output of deleted sources behind, where it would be packed, imported or run as a test. */
function removeStaleOutput(sources) {
  const current = new Set(sources.map((source) => source.replace(/\.ts$/, "")));
  const extension = /\.(js|js\.map|d\.ts|d\.ts\.map)$/;
  for (const output of listFiles(["dist"], extension)) {
    if (!current.has(output.replace(/^dist\//, "").replace(extension, ""))) rmSync(join(root, output));
  }
}

runScript(async () => {
  checkNode();
  provide(() => findMissing({ withCommand: true }));
  // Two set-ups at once would delete each other's packages.
  await withLock(
    join(root, ".setup.lock"),
    { waitingFor: "another set-up in this folder", expiresMs: 60 * 60_000 },
    () => {
      installPackages();
      compileAddon({ strict: true });
      compileTypeScript();
    },
  );
});
