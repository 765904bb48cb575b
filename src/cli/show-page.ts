import { messageOf } from "../errors.js";
import { openBrowser } from "./browser.js";
import type { ServedPage } from "./page-server.js";

/** Says where the page is, and leaves it there until the signal aborts. */
export async function showUntil(signal: AbortSignal, page: ServedPage, name: string, isOpened: boolean): Promise<void> {
  try {
    process.stdout.write(`${page.address}\n`);
    process.stderr.write(`framepool: ${name} is shown at this address; Ctrl-C ends it\n`);
    if (isOpened) await openOrSay(page.address);
    await aborted(signal);
  } finally {
    await page.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

async function openOrSay(address: string): Promise<void> {
  try {
    await openBrowser(address);
  } catch (error) {
    process.stderr.write(`framepool: no browser was opened: ${messageOf(error)}\n`);
  }
}
