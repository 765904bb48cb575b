import { propertyOf } from "./errors.js";

/** Whether a process of this machine has the number. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return propertyOf(error, "code") === "EPERM";
  }
}
