import { readFile, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isRunning } from "../running-process.js";
import { cannotWrite, hasCode, OutputError } from "./files.js";

const refreshMs = 10_000;
const staleMs = 60_000;

/** Holds `path` until the returned function is called: two processes that wrote to one folder would undo each other's work. */
export async function lock(path: string): Promise<() => Promise<void>> {
  const owner = `${process.pid} ${hostname()}`;
  if (!(await create(path, owner))) {
    if (!(await isStale(path))) throw new OutputError(`${path}: another framepool is writing to this folder`);
    await unlink(path).catch(() => undefined);
    if (!(await create(path, owner)))
      throw new OutputError(`${path}: another framepool has just started to write to this folder`);
  }
  const refresh = setInterval(() => void touch(path), refreshMs).unref();
  return async () => {
    clearInterval(refresh);
    await unlink(path).catch(() => undefined);
  };
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw cannotWrite(path, error);
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

/** Its process is gone, as far as this machine can tell, or has not refreshed it for long. */
async function isStale(path: string): Promise<boolean> {
  try {
    const [pid, machine] = (await readFile(path, "utf8")).split(" ");
    if (machine === hostname() && !isRunning(Number(pid))) return true;
    return Date.now() - (await stat(path)).mtimeMs > staleMs;
  } catch {
    return true;
  }
}
