// `npm run test:services`: the tests that need real servers and readers of others: a Redis server, a storage
// that speaks S3's protocol (moto), Python's webdataset, Chromium. Installs what is
// not there (with apt, where that may be), outside of the repository; each test starts and ends its own server.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
/** Python's packages for these tests. */
const venv = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framepool", "services-venv-1");

function succeeds(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

function need(what: string, present: () => boolean, command: readonly [string, ...string[]]): void {
  if (present()) return;
  console.error(`framepool: installing ${what} for the tests of services`);
  const [program, ...args] = command;
  if (succeeds(program, args) && present()) return;
  console.error(`framepool: could not install ${what}: run "${command.join(" ")}" as one who may`);
  process.exit(1);
}

const apt = (...packages: readonly string[]): readonly [string, ...string[]] => [
  "apt-get",
  "install",
  "-y",
  "-qq",
  ...packages,
];
const python = join(venv, "bin", "python");
need("redis-server", () => existsSync("/usr/bin/redis-server"), apt("redis-server"));
need("chromium", () => existsSync("/usr/bin/chromium"), apt("chromium"));
need("python3-venv", () => succeeds("python3", ["-c", "import ensurepip"]), apt("python3-venv"));
need("a Python environment", () => existsSync(python), ["python3", "-m", "venv", venv]);
need("webdataset", () => succeeds(python, ["-c", "import webdataset"]), [
  python,
  "-m",
  "pip",
  "install",
  "-q",
  "webdataset==1.0.2",
]);
need("moto", () => succeeds(python, ["-c", "import moto.server"]), [
  python,
  "-m",
  "pip",
  "install",
  "-q",
  "moto[s3,server]==5.2.5",
]);

const files = readdirSync(here)
  .filter((name) => name.endsWith(".service.js"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .map((name) => join(here, name));
const done = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-reporter=spec", "--test-concurrency=1", "--test-timeout=900000", ...files],
  { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, FRAMEPOOL_TEST_PYTHON: python } },
);
process.exit(done.status ?? 1);
