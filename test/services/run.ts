// `npm run test:services [-- WORD...]`: the tests that need real servers and readers of others: a Redis server, a storage
// that speaks S3's protocol (moto), Python's webdataset, Chromium. Installs what is
// not there (with apt, where that may be), outside of the repository; each test starts and ends its own server.
// --where-possible: what cannot be had is no failure; the tests that need it are left out, and named.
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Need, needs, python } from "./needs.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const wherePossible = process.argv.includes("--where-possible");

const tests = readdirSync(here)
  .filter((name) => name.endsWith(".service.js"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .map((name) => {
    const text = readFileSync(join(here, name), "utf8");
    return { name, needed: needs.filter(({ sign }) => sign.test(text)) };
  });

const missing = needs.filter((need) => tests.some(({ needed }) => needed.includes(need)) && !provided(need));
const runnable = tests.filter(({ needed }) => !needed.some((need) => missing.includes(need)));

if (missing.length > 0) {
  const things = missing.map(({ name }) => name).join(", ");
  const left = tests.filter((test) => !runnable.includes(test)).map(({ name }) => name.replace(".service.js", ""));
  const why = `since ${things} could not be installed`;
  console.error(`framepool: left out of the tests of services, ${why}: ${left.join(", ")}`);
  if (!wherePossible) {
    for (const { advice } of missing) console.error(`framepool: as one who may: ${advice}`);
    process.exit(1);
  }
}
if (runnable.length > 0) {
  const options = ["--enable-source-maps", "--test", "--test-reporter=spec", "--test-concurrency=1"];
  const files = runnable.map(({ name }) => join(here, name));
  const done = spawnSync(process.execPath, [...options, "--test-timeout=900000", ...files], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, FRAMEPOOL_TEST_PYTHON: python },
  });
  process.exit(done.status ?? 1);
}

function provided({ name, isThere, install }: Need): boolean {
  if (isThere()) return true;
  console.error(`framepool: installing ${name} for the tests of services`);
  install();
  return isThere();
}
