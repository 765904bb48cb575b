import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { propertyOf } from "./errors.js";

/** This one, as far as names of files need to tell. */
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** A name for a file that no other call gives, in no process. It tells which process gave it. */
export function nameOfOwn(): string {
  return `${machine}-${String(process.pid)}-${randomUUID().slice(0, 8)}`;
}

/** Whether a process of this machine gave the name and is gone; what is on other machines nobody can tell. */
export function isLeftBehind(name: string): boolean {
  const { owner, pid } = /^(?<owner>[0-9a-f]{8})-(?<pid>\d+)-[0-9a-f]{8}$/.exec(name)?.groups ?? {};
  return owner === machine && !isRunning(Number(pid));
}

/** Whether a process of this machine has the number. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return propertyOf(error, "code") === "EPERM";
  }
}
