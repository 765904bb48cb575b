// `node dist/test/services/view-picture.js`: the picture of `framepool view` in the docs, of the sample that `npm start` makes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { makeSample } from "../../src/cli/sample-video.js";
import { launchOptions } from "./browser.js";

const command = fileURLToPath(new URL("../../src/bundle/main.js", import.meta.url));
const picture = fileURLToPath(new URL("../../../docs/pictures/view.jpg", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "framepool-view-"));
await makeSample(join(folder, "talk.mp4"));
const viewed = spawn(process.execPath, [command, "view", "talk.mp4"], {
  cwd: folder,
  stdio: ["ignore", "pipe", "inherit"],
});
const [address] = (await once(createInterface({ input: viewed.stdout }), "line")) as [string];
const browser = await chromium.launch(launchOptions);
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
await page.goto(`${address}#frame=98`);
await page.locator("#exact-image").waitFor();
await page.getByText(/^Frame 98 · /).waitFor();
await page.screenshot({ path: picture, type: "jpeg", quality: 85 });
await browser.close();
viewed.kill("SIGINT");
await once(viewed, "close");
rmSync(folder, { recursive: true });
