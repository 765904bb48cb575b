// `npm run test:install [-- words...]`: the packages, made of this source, installed and run as users would; with words, only the
// test files whose names hold one. Of the platforms, this machine's package and those that `npm run prebuild` had put into
// dist/packages before. `--main`: the main package alone is made. `--as-built`: nothing is made, dist/packages is tried as it is.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { SetupError, root, runScript, say } from "../../native/commands.mjs";
import { hostTarget, targets } from "../../native/prebuild/targets.mjs";
import { builtPackages } from "./support/registry.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

function node(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] }).status ?? 1;
}

/** Anew, so that nothing is tried but this source; what did not change is not built again. */
function makePackages(onlyMain) {
  const before = builtPackages();
  const host = hostTarget();
  const wanted = Object.values(targets).filter((target) => target === host || before.has(target.package));
  const args = onlyMain ? ["--main"] : wanted.map(({ name }) => `--target=${name}`);
  if (node(join(root, "native/prebuild/prebuild.mjs"), ...args) !== 0)
    throw new SetupError("the packages were not made");
}

await runScript(() => {
  const { values, positionals: words } = parseArgs({
    options: { main: { type: "boolean", default: false }, "as-built": { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const all = readdirSync(here).filter((file) => file.endsWith(".test.mjs"));
  const files = all.filter((file) => words.length === 0 || words.some((word) => file.includes(word)));
  if (files.length === 0) throw new SetupError(`no file of test/install holds ${words.join(" or ")} in its name`);
  if (!values["as-built"]) makePackages(values.main);
  // One after the other: each starts several machines.
  const runner = ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=1800000"];
  process.exitCode = node(...runner, ...files.map((file) => join(here, file)));
  const leftOut = all.filter((file) => !files.includes(file));
  if (leftOut.length > 0) say(`NOT run: ${leftOut.join(", ")}`);
  const built = builtPackages();
  const missing = Object.values(targets).filter((target) => !built.has(target.package));
  const names = missing.map(({ name }) => name).join(", ");
  if (missing.length > 0) say(`NOT tried, since not built (npm run prebuild -- --target NAME): ${names}`);
});
