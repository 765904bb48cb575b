import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Python's packages for these tests. */
const venv = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "framepool", "services-venv-1");
export const python = join(venv, "bin", "python");

/** Of each thing that is fetched, its unpacking included: a machine without a network says so sooner or later, or never. */
const mostMinutes = 5;

/** Where a program is, as a shell finds it. */
export function programPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(mayRun);
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(command, args, { stdio: "ignore", env, timeout: mostMinutes * 60_000 }).status === 0;
}

function apt(args: readonly string[]): void {
  const options = ["-qq", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"];
  const command = ["apt-get", ...options, ...args];
  const [program = "", ...rest] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  succeeds(program, rest);
}

let looked = false;
function aptInstall(...packages: readonly string[]): void {
  if (programPath("apt-get") === undefined) return;
  // A fresh machine has no lists, or old ones, which name what is gone. Some of several may be out of reach: what is there is tried.
  if (!looked) apt(["update"]);
  looked = true;
  apt(["install", "-y", "--no-install-recommends", ...packages]);
}

function pipInstall(requirement: string): void {
  if (!mayRun(python)) {
    if (!succeeds("python3", ["-c", "import ensurepip"])) aptInstall("python3-venv");
    if (!succeeds("python3", ["-m", "venv", "--clear", venv])) return;
  }
  succeeds(python, ["-m", "pip", "install", "-q", "--timeout", "20", "--retries", "1", requirement]);
}

/** Something that these tests use and this repository has not. */
export interface Need {
  readonly name: string;
  /** What the text of a test that needs it holds. */
  readonly sign: RegExp;
  readonly isThere: () => boolean;
  /** Tries to; outside of the repository. */
  readonly install: () => void;
  /** For one who may. */
  readonly advice: string;
}

const program = (name: string, sign: RegExp): Need => ({
  name,
  sign,
  isThere: () => programPath(name) !== undefined,
  install: () => {
    aptInstall(name);
  },
  advice: `apt-get install ${name}`,
});

const pythonPackage = (name: string, module: string, requirement: string, sign: RegExp): Need => ({
  name,
  sign,
  isThere: () => mayRun(python) && succeeds(python, ["-c", `import ${module}`]),
  install: () => {
    pipInstall(requirement);
  },
  advice: `apt-get install python3-venv && python3 -m venv ${venv} && ${python} -m pip install '${requirement}'`,
});

export const needs: readonly Need[] = [
  program("redis-server", /\/redis-server\.js"/),
  program("chromium", /\/browser\.js"/),
  pythonPackage("webdataset", "webdataset", "webdataset==1.0.2", /FRAMEPOOL_TEST_PYTHON/),
  pythonPackage("moto", "moto.server", "moto[s3,server]==5.2.5", /\/storage-server\.js"/),
];
