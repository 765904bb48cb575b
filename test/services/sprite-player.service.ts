import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";
import { ffmpeg, framepool, temporaryFolder } from "../cli/support.js";
import { testBrowser } from "./browser.js";

const open = testBrowser();
const folder = temporaryFolder();
const seconds = 10;
/** The grey of the picture that is on screen in a second, from 0: of a luma of 20 + 20 a second in limited range. */
const greyAt = (second: number): number => ((4 + 20 * second) * 255) / 219;

/** As a player does it: the track's cues by the time that the pointer is at, and the tile that the cue names. */
const player = `<!doctype html><html lang="en"><head><link rel="icon" href="data:," /><title>player</title></head><body>
<video id="video" muted></video><canvas id="tile" width="80" height="60"></canvas>
<script type="module">
  const video = document.querySelector("#video");
  const element = document.createElement("track");
  Object.assign(element, { kind: "metadata", src: "film.vtt" });
  video.append(element);
  element.track.mode = "hidden";
  const loaded = new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
  });
  const sheets = new Map();
  const sheet = (url) => {
    if (!sheets.has(url)) {
      const image = new Image();
      image.src = url;
      sheets.set(url, image.decode().then(() => image));
    }
    return sheets.get(url);
  };
  window.cues = async () => {
    await loaded;
    return [...element.track.cues].map(({ startTime, endTime, text }) => [startTime, endTime, text]);
  };
  window.tileAt = async (seconds) => {
    await loaded;
    const cue = [...element.track.cues].find(({ startTime, endTime }) => startTime <= seconds && seconds < endTime);
    const { pathname, hash } = new URL(cue.text, new URL("film.vtt", location.href));
    const [x, y, width, height] = hash.replace("#xywh=", "").split(",").map(Number);
    const context = document.querySelector("#tile").getContext("2d", { willReadFrequently: true });
    context.drawImage(await sheet(pathname), x, y, width, height, 0, 0, 80, 60);
    const { data } = context.getImageData(0, 0, 80, 60);
    return [Math.min(...data.filter((_, i) => i % 4 === 1)), Math.max(...data.filter((_, i) => i % 4 === 1))];
  };
</script></body></html>`;
const types: Readonly<Record<string, string>> = { ".vtt": "text/vtt", ".jpg": "image/jpeg", ".png": "image/png" };

let server: Server;
before(async () => {
  server = createServer((request, response) => {
    const name = request.url ?? "/";
    response.setHeader("content-type", types[extname(name)] ?? "text/html");
    response.end(name === "/" ? player : readFileSync(join(folder, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => server.close().closeAllConnections());

for (const [format, rate] of [
  ["jpeg", "25"],
  ["png", "7"],
] as const) {
  test(`a player finds the tile of each time by the track: ${format}, ${rate} frames a second`, async () => {
    const film = join(folder, `film-${format}.mkv`);
    const grey = `lum='20+20*floor(T+0.001)':cb=128:cr=128`;
    const input = `color=black:size=160x120:rate=${rate}:duration=${String(seconds)},format=yuv420p,geq=${grey}`;
    ffmpeg(["-f", "lavfi", "-i", input, "-c:v", "ffv1", film]);
    const to = ["--format", format, "--force", "--out", join(folder, "film.vtt")];
    const { code, stderr } = await framepool([
      "sprite",
      film,
      "--every",
      "500ms",
      "--tile",
      "4x3",
      "--width",
      "80",
      ...to,
    ]);
    assert.equal(code, 0, stderr);
    const { page, close } = await open(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    const cues = await page.evaluate<[number, number, string][]>("cues()");
    assert.equal(cues.length, 2 * seconds);
    assert.ok(cues.every(([start, end], i) => start === (cues[i - 1]?.[1] ?? 0) && end > start));
    // Matroska counts milliseconds.
    assert.ok(Math.abs((cues.at(-1)?.[1] ?? 0) - seconds) < 0.002);
    for (let half = 0; half < 2 * seconds; half++) {
      // In the middle of each half second: where it begins is a matter of the nearest frame.
      const [least, most] = await page.evaluate<[number, number]>(`tileAt(${String(half / 2 + 0.25)})`);
      const expected = greyAt(Math.floor(half / 2));
      assert.ok(
        Math.abs(least - expected) <= 4 && Math.abs(most - expected) <= 4,
        `${String(half)}: ${String([least, most])}`,
      );
    }
    await close();
  });
}
