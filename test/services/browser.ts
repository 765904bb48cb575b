import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before } from "node:test";
import type { AxeResults } from "axe-core";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { programPath } from "./needs.js";

/** As needs.ts finds and installs it; with nothing of its own that goes out to the network. */
export const launchOptions = {
  executablePath: programPath("chromium") ?? "chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Opened {
  readonly page: Page;
  /** What was asked for, in its order. */
  readonly requests: readonly string[];
  /** Fails when the page complained of something, or asked for anything elsewhere. */
  readonly close: () => Promise<void>;
}

/** A browser of the test file's, with a new and empty profile for each page. */
export function testBrowser(): (address: string, options?: BrowserContextOptions) => Promise<Opened> {
  let browser: Browser | undefined;
  before(async () => {
    browser = await chromium.launch(launchOptions);
  });
  after(() => browser?.close());
  return async (address, options = {}) => {
    if (browser === undefined) throw new Error("the browser is not there yet");
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(address);
    const close = async (): Promise<void> => {
      await context.close();
      assert.deepEqual(complaints, []);
      const { origin } = new URL(address);
      const outside = requests.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`));
      assert.deepEqual(outside, []);
    };
    return { page, requests, close };
  };
}

/** Names, roles, contrast and the rest of what WCAG 2.2 asks for at its level AA, as far as a program can tell. */
export async function assertAccessible(page: Page): Promise<void> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(axe);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations, passes } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(tags)} })`);
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    [],
  );
  assert.ok(passes.some(({ id }) => id === "color-contrast"));
}
