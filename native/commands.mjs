// What the set-up scripts share: running a command, saying one line, hashing files. Plain Node: no package is installed yet.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, delimiter, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));

export class SetupError extends Error {}

export function say(line) {
  process.stderr.write(`framepool: ${line}\n`);
}

/** Runs `main`; what went wrong is one readable line, a stack only for our own mistakes. */
export async function runScript(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

export function isOnPath(command) {
  const directories = (process.env.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  return directories.some((directory) => isExecutable(join(directory, command)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command without a terminal and keeps what it prints: the caller shows it only where it helps. */
export function run(command, args, { cwd = root, env = process.env } = {}) {
  const done = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
    // On Windows it is a script for the shell, which Node does not start otherwise.
    shell: process.platform === "win32" && command === "npm",
  });
  if (done.error) return { ok: false, output: done.error.message };
  return { ok: done.status === 0, output: `${done.stdout}${done.stderr}`.trim() };
}

/** The environment for commands that look for `node` themselves: they must find the one that runs this script. */
export function nodeEnvironment() {
  return { ...process.env, PATH: [dirname(process.execPath), process.env.PATH ?? ""].join(delimiter) };
}

/** What npm printed: the npm that runs this script, where there is one, else the one on the path. */
export function npm(args, cwd = root) {
  const running = process.env.npm_execpath ?? "";
  const [command, ...first] = basename(running) === "npm-cli.js" ? [process.execPath, running] : ["npm"];
  const done = run(command, [...first, ...args, "--loglevel=error"], { cwd, env: nodeEnvironment() });
  if (!done.ok) throw new SetupError(`npm ${args[0]} failed:\n${done.output}`);
  return done.output;
}

/** Files below `directories` (relative to the root) whose name matches, sorted. */
export function listFiles(directories, pattern) {
  const found = [];
  const visit = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && entry.name !== "build") visit(path);
      } else if (pattern.test(entry.name)) found.push(relative(root, path).split(sep).join("/"));
    }
  };
  for (const directory of directories) if (existsSync(join(root, directory))) visit(join(root, directory));
  return found.sort();
}

/** One hash over the files' names and contents and over `facts`: equal when nothing that matters changed. */
export function fingerprint(files, facts = []) {
  const hash = createHash("sha256");
  for (const fact of facts) hash.update(`${JSON.stringify(fact)}\0`);
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}

export function readStamp(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
