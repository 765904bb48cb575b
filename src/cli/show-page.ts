import { spawn } from "node:child_process";
import { once } from "node:events";
import { messageOf } from "../errors.js";
import { say } from "./messages.js";
import type { ServedPage } from "./page-server.js";

/** Says where the page is, and leaves it there until the signal aborts. */
export async function showUntil(signal: AbortSignal, page: ServedPage, name: string, isOpened: boolean): Promise<void> {
  try {
    process.stdout.write(`${page.address}\n`);
    say(`${name} is shown at this address; Ctrl-C ends it`);
    if (isOpened) await openOrSay(page.address);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await page.close();
  }
}

async function openOrSay(address: string): Promise<void> {
  try {
    await openBrowser(address);
  } catch (error) {
    say(`no browser was opened: ${messageOf(error)}`);
  }
}

/** Has the system show an address in the person's browser. Rejects where it has nothing that does. */
async function openBrowser(address: string): Promise<void> {
  const [command, ...args] = opener();
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  await once(child, "spawn");
  child.unref();
}

function opener(): readonly [string, ...string[]] {
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
