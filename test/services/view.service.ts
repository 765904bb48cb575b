import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ffmpeg, makeSound, makeVideo, temporaryFolder } from "../cli/support.js";
import { view } from "../cli/view/support.js";
import { assertAccessible, testBrowser } from "./browser.js";
import { index, shows } from "./viewer.js";

const open = testBrowser();
const folder = temporaryFolder();
// 50 frames, a key frame every 12.
const talk = makeVideo(join(folder, "talk.mp4"), { size: "320x240" });

test("a person goes through a video with the keys", async () => {
  const { address, end } = await view([talk]);
  const { page, close } = await open(address);
  await shows(page, 0);
  assert.match(await page.title(), /^talk\.mp4 /);
  for (const [key, frame] of [
    ["ArrowRight", 1],
    ["Shift+ArrowRight", 11],
    ["ArrowLeft", 10],
    ["PageDown", 12],
    ["PageDown", 24],
    ["ArrowRight", 25],
    ["PageUp", 24],
    ["PageUp", 12],
    ["End", 49],
    ["ArrowRight", 49],
    ["Home", 0],
    ["ArrowLeft", 0],
  ] as const) {
    await page.keyboard.press(key);
    await shows(page, frame);
  }
  await page.keyboard.press("PageDown");
  const slider = page.getByRole("slider", { name: "Frame" });
  assert.equal(await slider.getAttribute("aria-valuenow"), "12");
  assert.match((await slider.getAttribute("aria-valuetext")) ?? "", /^Frame 12 · 0:00\.480 · key \(I\) · [\d.]+ kB$/);
  // In a field they are the field's.
  await page.getByRole("textbox", { name: "Time" }).focus();
  await page.keyboard.press("Home");
  assert.equal(await index(page), "12");
  await close();
  await end();
});

test("by number, by time, by buttons and with the mouse; the call for it is copied", async () => {
  const { address, end } = await view([talk]);
  const { page, close } = await open(address, { permissions: ["clipboard-read", "clipboard-write"] });
  await shows(page, 0);
  const copied = async (name: string): Promise<string> => {
    await page.getByRole("button", { name: `Copy ${name}` }).click();
    await page.getByRole("button", { name: `Copied ${name}` }).waitFor();
    return page.evaluate("navigator.clipboard.readText()");
  };
  const put = async (name: "Frame" | "Time", text: string): Promise<void> => {
    await page.getByRole(name === "Frame" ? "spinbutton" : "textbox", { name }).fill(text);
    await page.keyboard.press("Enter");
  };
  await put("Frame", "17");
  await shows(page, 17);
  assert.match(await copied("the library's call"), /VideoDecoder\.open\(.*talk\.mp4"\);\n.*\.getFrameAt\(17\);$/);
  await put("Frame", "-1");
  await shows(page, 49);
  await put("Time", "0:01.3");
  await shows(page, 32);
  assert.match(await copied("the library's call"), /\.getFramePlayedAt\(1\.3\);$/);
  assert.match(await copied("the command"), /^framepool frames \S+talk\.mp4 --times 1\.3 --out frames$/);
  await page.getByText("1.280 s · 0:01.280").waitFor();
  await page.getByRole("button", { name: "Next key frame" }).click();
  await shows(page, 36);
  await page.reload();
  await shows(page, 36);
  const box = (await page.getByRole("slider").boundingBox()) ?? assert.fail("no time line");
  await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.501, box.y + 40, { steps: 8 });
  await page.mouse.up();
  await shows(page, 25);
  await page.mouse.move(box.x + box.width * 0.001, box.y + 40);
  await page.getByText(/^Frame 0 · 0:00\.000 · key \(I\)/).waitFor();
  assert.equal(await index(page), "25");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save PNG" }).click();
  assert.equal((await download).suggestedFilename(), "talk-000025.png");
  await close();
  await end();
});

test("exact and approximate are compared, where they agree and where they do not", async () => {
  const uneven = join(folder, "uneven.mkv");
  const rate = ["-vf", "select='lt(n,25)+not(mod(n,5))'", "-fps_mode", "vfr"];
  ffmpeg(["-i", talk, ...rate, "-c:v", "mpeg4", uneven]);
  const { address, end } = await view([uneven]);
  const { page, close } = await open(`${address}#frame=0`);
  await shows(page, 0);
  await page.getByRole("button", { name: "Compare modes" }).click();
  await page.getByText("The same picture.").waitFor();
  await page.getByRole("button", { name: "Previous key frame" }).press("End");
  await page.getByText(/^Different pictures; its time is off by -?[\d.]+ ms/).waitFor();
  await page.getByRole("button", { name: "Compare modes" }).click();
  await page.locator("#approximate").waitFor({ state: "hidden" });
  await close();
  await end();
});

test("another stream is chosen; what cannot be shown is an error by its code, and one goes on", async () => {
  const two = join(folder, "two.mkv");
  const second = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10:duration=1"];
  ffmpeg(["-i", talk, ...second, "-map", "0", "-map", "1", "-c:v", "mpeg4", two]);
  const { address, end } = await view([two]);
  const { page, close } = await open(address);
  await shows(page, 0);
  await page.getByRole("combobox", { name: "Stream" }).selectOption({ label: "1: mpeg4, 64x64" });
  await page.getByText("of 10", { exact: true }).waitFor();
  await page.getByRole("slider").press("End");
  await shows(page, 9);
  await page.getByText("getFrameAt(9)").and(page.getByText("{ streamIndex: 1 }")).waitFor();
  await page.getByRole("textbox", { name: "Time" }).fill("99");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("E_OUT_OF_RANGE").waitFor();
  await page.getByRole("button", { name: "First frame" }).click();
  await shows(page, 0);
  assert.equal(await page.getByRole("alert").count(), 0);
  await close();
  await end();
  const sound = await view([makeSound(join(folder, "sound.wav"))]);
  const other = await open(sound.address);
  await other.page.getByRole("alert").getByText("E_NO_STREAM").waitFor();
  assert.equal(await other.page.getByRole("button", { name: "Next frame" }).isDisabled(), true);
  await assertAccessible(other.page);
  await other.close();
  await sound.end();
});

test("scrubbing fast is no queue of old pictures", async () => {
  // One key frame: each picture takes all before it.
  const encoder = ["mpeg4", "-g", "600", "-bf", "0"];
  const slow = makeVideo(join(folder, "slow.mp4"), { seconds: 10, size: "1280x720", encoder });
  const { address, end } = await view([slow, "--workers", "1"]);
  const { page, requests, close } = await open(address);
  await shows(page, 0);
  const before = requests.filter((url) => url.includes("/frame?")).length;
  for (let pressed = 0; pressed < 100; pressed++) await page.keyboard.press(pressed % 2 === 0 ? "End" : "ArrowLeft");
  await page.keyboard.press("End");
  await shows(page, 249);
  const asked = requests.filter((url) => url.includes("/frame?")).length - before;
  assert.ok(asked > 0 && asked < 50, `${String(asked)} requests`);
  await close();
  await end();
});

test("100,000 packets are drawn, and looked at closely", async () => {
  const encoder = ["mpeg4", "-g", "50", "-bf", "2", "-b:v", "50k"];
  const part = makeVideo(join(folder, "part.mp4"), { seconds: 20, rate: 50, size: "32x32", encoder });
  const long = join(folder, "long.mp4");
  ffmpeg(["-stream_loop", "99", "-i", part, "-c", "copy", long]);
  const { address, end } = await view([long]);
  const { page, close } = await open(address);
  await page.getByText("of 100000", { exact: true }).waitFor();
  await page.getByText(/^Frame 0 · 0:00\.000 · key \(I\)/).waitFor();
  // The highest pixel that is drawn, in so many columns from left to right.
  const profile = `(() => {
    const canvas = document.querySelector("#bars");
    const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [0.1, 0.3, 0.5, 0.7, 0.9].map((part) => {
      const x = Math.floor(part * width);
      for (let y = 0; y < height - 25; y++) if (data[4 * (y * width + x) + 3] > 0) return y;
      return height;
    });
  })()`;
  const heights: number[] = await page.evaluate(profile);
  assert.ok(
    heights.every((top) => top < 60),
    heights.join(),
  );
  await page.keyboard.press("End");
  await shows(page, 99_999);
  for (let times = 0; times < 20; times++) await page.keyboard.press("+");
  const slider = page.getByRole("slider");
  const { x, y, width } = (await slider.boundingBox()) ?? assert.fail("no time line");
  await page.mouse.click(x + width * 0.01, y + 40);
  await shows(page, 99_988);
  await page.keyboard.press("0");
  await page.mouse.click(x + width * 0.5, y + 40);
  await shows(page, 50_000);
  await close();
  await end();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const [name, width, height] of [
    ["a phone", 360, 740],
    ["a desktop", 1280, 800],
  ] as const) {
    test(`${colorScheme} and on ${name} it is whole, and accessible`, async () => {
      const { address, end } = await view([talk]);
      const { page, close } = await open(address, { colorScheme, viewport: { width, height } });
      await page.getByText(/^Frame 0 · 0:00\.000 · key \(I\)/).waitFor();
      await assertAccessible(page);
      await page.getByRole("button", { name: "Compare modes" }).click();
      await page.getByText("The same picture.").waitFor();
      await assertAccessible(page);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      // On a desktop nothing has to be scrolled for, but for details.
      if (width > 1000) assert.equal(await page.evaluate("document.documentElement.scrollHeight <= innerHeight"), true);
      const ground: string = await page.evaluate("getComputedStyle(document.body).backgroundColor");
      assert.equal(ground, colorScheme === "light" ? "rgb(246, 247, 248)" : "rgb(17, 20, 23)");
      // Each thing that can be used is reached with the Tab key, and shows it.
      const reached = new Set<string>();
      for (let times = 0; times < 30; times++) {
        await page.keyboard.press("Tab");
        const [id, outline]: [string, string] = await page.evaluate(
          "[document.activeElement.id, getComputedStyle(document.activeElement).outlineStyle]",
        );
        if (id !== "") assert.equal(outline, "solid", id);
        reached.add(id);
      }
      for (const id of [
        "first",
        "next-key",
        "play",
        "index",
        "time",
        "compare",
        "save",
        "closer",
        "time-line",
        "copy-library",
      ])
        assert.ok(reached.has(id), id);
      await close();
      await end();
    });
  }
}
