import assert from "node:assert/strict";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeVideo, temporaryFolder } from "../cli/support.js";
import { view } from "../cli/view/support.js";
import { assertAccessible, testBrowser } from "./browser.js";
import { index, shows } from "./viewer.js";

const open = testBrowser();
const folder = temporaryFolder();
// 50 frames, a key frame every 12.
const talk = makeVideo(join(folder, "talk.mp4"), { size: "320x240" });

test("it plays at the file's pace, to the end, and leaves out what does not come in time", async () => {
  const { address, end } = await view([talk]);
  const { page, requests, close } = await open(address);
  await shows(page, 0);
  await page.getByText(/^Frame 0 · /).waitFor();
  const playing = page.getByRole("button", { name: "Pause" });
  const stopped = page.getByRole("button", { name: "Play" });
  const began = performance.now();
  await page.keyboard.press("Space");
  await playing.waitFor();
  await stopped.waitFor();
  await shows(page, 49);
  assert.ok(performance.now() - began >= 1900, "two seconds take two seconds");
  assert.match(page.url(), /#frame=49$/);

  // From its end it begins anew; each picture takes as long as ten of the file.
  await page.route(/\/frame\?/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  const before = requests.length;
  await stopped.click();
  await playing.waitFor();
  await stopped.waitFor();
  await shows(page, 49);
  const asked = requests.slice(before).filter((url) => url.includes("/frame?")).length;
  assert.ok(asked >= 2 && asked <= 8, `${String(asked)} pictures`);
  await page.unroute(/\/frame\?/);

  // It goes on from where one goes to, and stops where one says so.
  await page.keyboard.press("Home");
  await shows(page, 0);
  await page.keyboard.press("Space");
  await playing.waitFor();
  await page.keyboard.press("End");
  await stopped.waitFor();
  await shows(page, 49);
  await page.keyboard.press("Home");
  await page.keyboard.press("Space");
  await page.keyboard.press("Space");
  await stopped.waitFor();
  const paused = await index(page);
  await shows(page, Number(paused));
  // Of a button that one is at, it is the key.
  await page.getByRole("button", { name: "Compare modes" }).press("Space");
  await page.getByText("The same picture.").waitFor();
  assert.equal(await index(page), paused);
  await close();
  await end();
});

test("a file that was replaced is said to be, and shown once the page is loaded again", async () => {
  const path = join(folder, "replaced.mp4");
  copyFileSync(talk, path);
  const { address, end } = await view([path]);
  const { page, close } = await open(address);
  await shows(page, 0);
  await page.keyboard.press("PageDown");
  await shows(page, 12);
  const other = makeVideo(join(folder, "other.mp4"), { seconds: 1, size: "160x120" });
  renameSync(other, path);
  await page.keyboard.press("ArrowRight");
  await page.getByText("The file was replaced after").waitFor();
  await page.getByRole("alert").getByText("E_SOURCE_CHANGED").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Show what is there now" }).click();
  await page.getByText("of 25", { exact: true }).waitFor();
  await shows(page, 13);
  await page.getByText("160 × 120").waitFor();
  assert.equal(await page.getByText("The file was replaced after").isVisible(), false);
  await close();
  await end();
});
