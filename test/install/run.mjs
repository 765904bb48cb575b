// `npm run test:install [-- words...]`: the packed tarballs of dist/packages, installed and run as users would. Where they are not
// there, or not of this source, they are made first for this machine; other targets' are tried as far as they are there.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const files = readdirSync(here)
  .filter((file) => file.endsWith(".test.mjs"))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .map((file) => `${here}${file}`);

// One after the other: each starts several machines.
const runner = ["--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=1800000"];
const done = spawnSync(process.execPath, [...runner, ...files], { stdio: ["ignore", "inherit", "inherit"] });
process.exitCode = done.status ?? 1;
