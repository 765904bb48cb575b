import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import type { FileFacts, PacketColumns, VideoFacts } from "../../../src/cli/view/answers.js";
import { VideoDecoder } from "../../../src/index.js";
import { ffmpeg, framepool, makeSound, makeVideo, packets, temporaryFolder } from "../support.js";
import { errorOf, get, getFrame, getJson, isRefused, view } from "./support.js";

const folder = temporaryFolder();
// 50 frames, a key frame every 12.
const talk = makeVideo(join(folder, "talk.mp4"));

test("the page loads only what comes from the same address, and may load nothing else", async () => {
  const { address, end } = await view([talk]);
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  for (const [name, type] of [
    ["", /html/],
    ["page.js", /javascript/],
    ["style.css", /css/],
    ["icon.svg", /svg/],
  ] as const) {
    const { status, headers, body } = await get(address + name);
    assert.equal(status, 200, name);
    assert.match(headers["content-type"] ?? "", type);
    const policy = String(headers["content-security-policy"]);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.equal(headers["referrer-policy"], "no-referrer");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.doesNotMatch(body.toString().replaceAll("http://www.w3.org/2000/svg", ""), /https?:\/\//, name);
  }
  await end();
});

test("without the token, under another host's name or from another interface there is nothing", async () => {
  const { address, end } = await view([talk]);
  const { origin, port, pathname } = new URL(address);
  const token = pathname.slice(1, -1);
  const other = `${token[0] === "A" ? "B" : "A"}${token.slice(1)}`;
  for (const path of ["/", "/file", "/favicon.ico", `/${other}/`, `/${other}/file`, `/x${pathname}`, `/${token}x/`]) {
    assert.equal((await get(origin + path)).status, 403, path);
  }
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "127.0.0.1@evil.example"]) {
    assert.equal((await get(address, { host })).status, 403, host);
    assert.equal((await get(`${address}file`, { host })).status, 403, host);
  }
  for (const host of [`localhost:${port}`, "127.0.0.1", "localhost:8080"])
    assert.equal((await get(`${address}file`, { host })).status, 200, host);
  assert.equal(await isRefused("127.0.0.2", Number(port)), true);
  assert.equal((await get(address, { method: "POST" })).status, 405);
  assert.equal((await get(address, { method: "HEAD" })).body.length, 0);
  const { status, headers } = await get(address.slice(0, -1));
  assert.deepEqual({ status, to: headers.location }, { status: 308, to: pathname });
  assert.equal((await get(`${address}../package.json`)).status, 403);
  assert.equal((await get(`${address}constructor`)).status, 404);
  await end();
});

test("what it says of the file, the stream and its packets is what is there", async () => {
  const { address, end } = await view([talk]);
  const { name, stem, streams } = await getJson<FileFacts>(`${address}file`);
  assert.deepEqual({ name, stem }, { name: talk, stem: "talk" });
  assert.deepEqual(streams, [{ streamIndex: 0, label: "0: mpeg4, 64x48" }]);
  const facts = await getJson<VideoFacts>(`${address}video`);
  assert.deepEqual([facts.numFrames, facts.width, facts.codec, facts.streamIndex], [50, 64, "mpeg4", 0]);
  const columns = await getJson<PacketColumns>(`${address}packets?stream=0`);
  assert.deepEqual(
    columns.size,
    packets(talk).map(({ size }) => size),
  );
  assert.deepEqual(
    columns.frame.filter((_, packet) => columns.key[packet] === 1),
    [0, 12, 24, 36, 48],
  );
  assert.deepEqual(
    columns.frame.toSorted((a, b) => a - b),
    [...Array(50).keys()],
  );
  assert.deepEqual([columns.pts[1], columns.dts[1]], [0.12, 0]);
  await end();
});

test("pictures by number and by time are the library's", async () => {
  const { address, end } = await view([talk]);
  const video = await VideoDecoder.open(talk);
  for (const [query, index] of [
    ["index=17", 17],
    ["index=-1", 49],
    ["time=0.99", 24],
    ["time=0.99&mode=approximate", 24],
  ] as const) {
    const { file, type, ...facts } = await getFrame(`${address}frame?stream=0&${query}`);
    assert.equal(type, "image/jpeg");
    for await (const image of video.getImages({ indices: [index] }, { encode: { format: "jpeg" } })) {
      assert.ok(file.equals(image.data), query);
      const { ptsSeconds, durationSeconds, status, width, height } = image;
      assert.deepEqual(facts, { index, ptsSeconds, durationSeconds, status, width, height });
    }
  }
  await video.close();
  await end();
});

test("a large picture is scaled down to be looked at, and kept with all of its pixels", async () => {
  const large = makeVideo(join(folder, "large.mp4"), { seconds: 0.04, size: "2560x1440" });
  const { address, end } = await view([large]);
  const shown = await getFrame(`${address}frame?index=0`);
  assert.deepEqual([shown.width, shown.height], [1920, 1080]);
  const kept = await getFrame(`${address}frame?index=0&format=png`);
  assert.deepEqual([kept.type, kept.width, kept.height], ["image/png", 2560, 1440]);
  const { format, width } = await sharp(kept.file).metadata();
  assert.deepEqual([format, width], ["png", 2560]);
  await end();
});

test("HDR is shown as the command's pictures are", async () => {
  const pq = join(folder, "pq.mkv");
  const tags = ["-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"];
  ffmpeg([
    "-f",
    "lavfi",
    "-i",
    "testsrc2=size=64x48:rate=25:duration=0.08",
    "-c:v",
    "ffv1",
    "-pix_fmt",
    "yuv420p10le",
    ...tags,
    pq,
  ]);
  const { address, end } = await view([pq]);
  const { file } = await getFrame(`${address}frame?index=1&format=png`);
  const out = join(folder, "pq");
  assert.equal((await framepool(["frames", pq, "--indices", "1", "--out", out])).code, 0);
  const [mine, theirs] = await Promise.all(
    [file, join(out, "pq", "000001_0.040s.png")].map((image) => sharp(image).raw().toBuffer()),
  );
  assert.ok(mine !== undefined && theirs !== undefined && mine.equals(theirs));
  await end();
});

test("a file that is replaced is E_SOURCE_CHANGED, until the page is loaded again", async () => {
  const path = join(folder, "replaced.mp4");
  const replaceWith = (other: string): void => {
    copyFileSync(other, `${path}.new`);
    renameSync(`${path}.new`, path);
  };
  replaceWith(talk);
  const { address, end } = await view([path]);
  const { opening } = await getJson<FileFacts>(`${address}file`);
  const asked = `opening=${String(opening)}`;
  assert.equal((await getFrame(`${address}frame?index=1&${asked}`)).width, 64);
  replaceWith(makeVideo(join(folder, "other.mp4"), { seconds: 1, size: "80x60" }));
  for (const what of ["frame?index=1", "frame?index=1&mode=approximate", "frame?index=1&format=png"])
    assert.equal((await errorOf(`${address}${what}&${asked}`)).code, "E_SOURCE_CHANGED", what);
  const again = await getJson<FileFacts>(`${address}file`);
  assert.deepEqual(
    again.streams.map(({ label }) => label),
    ["0: mpeg4, 80x60"],
  );
  const askedAgain = `opening=${String(again.opening)}`;
  assert.equal((await getJson<VideoFacts>(`${address}video?${askedAgain}`)).numFrames, 25);
  assert.equal((await getFrame(`${address}frame?index=1&${askedAgain}`)).width, 80);
  // What another page shows is still the first one.
  for (const what of ["video?", "packets?stream=0&", "frame?index=1&"])
    assert.equal((await errorOf(`${address}${what}${asked}`)).code, "E_SOURCE_CHANGED", what);
  assert.equal((await getJson<FileFacts>(`${address}file`)).opening, again.opening, "nothing changed since");

  // Before anybody asked for anything of it.
  replaceWith(talk);
  const [third, same] = await Promise.all([1, 2].map(() => getJson<FileFacts>(`${address}file`)));
  assert.equal(third?.opening, same?.opening);
  assert.equal((await getJson<VideoFacts>(`${address}video?opening=${String(third?.opening)}`)).numFrames, 50);
  rmSync(path);
  assert.equal((await errorOf(`${address}file`)).code, "E_NOT_FOUND");
  replaceWith(talk);
  assert.equal((await getJson<FileFacts>(`${address}file`)).streams.length, 1);
  assert.equal((await getFrame(`${address}frame?index=1`)).width, 64);
  await end();
});

test("each of several streams can be chosen", async () => {
  const two = join(folder, "two.mkv");
  const second = ["-f", "lavfi", "-i", "testsrc2=size=32x32:rate=10:duration=1"];
  ffmpeg(["-i", talk, ...second, "-map", "0", "-map", "1", "-c:v", "mpeg4", two]);
  const { address, end } = await view([two]);
  const { streams } = await getJson<FileFacts>(`${address}file`);
  assert.deepEqual(
    streams.map(({ label }) => label),
    ["0: mpeg4, 64x48", "1: mpeg4, 32x32"],
  );
  assert.equal((await getJson<VideoFacts>(`${address}video?stream=1`)).numFrames, 10);
  assert.equal((await getFrame(`${address}frame?stream=1&index=9`)).width, 32);
  assert.equal((await errorOf(`${address}video?stream=7`)).code, "E_NO_STREAM");
  await end();
});

test("what the page never asks for is status 400, what the file has not is an error by its code", async () => {
  const { address, end } = await view([talk]);
  const bad = ["", "index=x", "index=1.5", "index=1&time=1", "time=", "time=soon", "index=1&mode=fast"];
  for (const query of [...bad, "index=1&format=gif", "index=1&stream=-1", "index=99999999999999999999"])
    assert.equal((await get(`${address}frame?${query}`)).status, 400, query);
  for (const query of ["index=50", "index=-51", "time=2", "time=-1"])
    assert.equal((await errorOf(`${address}frame?${query}`)).code, "E_OUT_OF_RANGE", query);
  assert.equal((await getFrame(`${address}frame?index=1`)).index, 1);
  await end();
});

test("a file without pictures, and one with a picture that cannot be decoded, still have a page", async () => {
  const sound = await view([makeSound(join(folder, "sound.wav"))]);
  assert.deepEqual((await getJson<FileFacts>(`${sound.address}file`)).streams, []);
  assert.equal((await errorOf(`${sound.address}video`)).code, "E_NO_STREAM");
  await sound.end();
  const damaged = makeVideo(join(folder, "damaged.mov"), { seconds: 1, rate: 5, encoder: ["targa"] });
  const bytes = readFileSync(damaged);
  const { pos, size } = packets(damaged)[2] ?? assert.fail("no packet");
  writeFileSync(damaged, bytes.fill(0xa5, pos, pos + size));
  const { address, end } = await view([damaged]);
  assert.equal((await errorOf(`${address}frame?index=2`)).code, "E_DECODE");
  assert.equal((await getFrame(`${address}frame?index=3`)).index, 3);
  await end();
});

test("a file that cannot be opened, and a wrong command line, end at once", async () => {
  const missing = await framepool(["view", join(folder, "missing.mp4")]);
  assert.deepEqual([missing.code, missing.stdout], [1, ""]);
  assert.match(missing.stderr, /^framepool: .*missing\.mp4: .*\(E_NOT_FOUND\)/);
  const text = join(folder, "text.mp4");
  writeFileSync(text, "this is no video");
  assert.match((await framepool(["view", text])).stderr, /E_UNSUPPORTED_FORMAT/);
  for (const [args, complaint] of [
    [[], /view takes one file/],
    [[talk, talk], /view takes one file/],
    [[talk, "--port", "70000"], /--port takes a whole number from 0 to 65535/],
  ] as const) {
    const { code, stderr } = await framepool(["view", ...args]);
    assert.equal(code, 2);
    assert.match(stderr, complaint);
  }
});

test("--port is where it is served, and nobody else's", async () => {
  const first = await view([talk]);
  const { port } = new URL(first.address);
  const taken = await framepool(["view", talk, "--port", port]);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, new RegExp(`port ${port} is taken: name another`));
  await first.end();
  const second = await view([talk, "--port", port]);
  assert.equal(new URL(second.address).port, port);
  assert.notEqual(second.address, first.address);
  await second.end();
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends it with 0, also while the page waits`, async () => {
    const { address, end } = await view([talk]);
    const waiting = get(`${address}frame?index=49`).catch(() => undefined);
    const kept = await fetch(`${address}file`);
    await kept.text();
    const { code, stdout, stderr } = await end(signal);
    await waiting;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${address}\n`);
    assert.match(stderr, /^framepool: .*talk\.mp4 is shown at this address; Ctrl-C ends it\n$/);
    assert.equal(await isRefused("127.0.0.1", Number(new URL(address).port)), true);
  });
}

test("a browser is opened with --open only", async () => {
  const told = join(folder, "told");
  const opener = join(folder, process.platform === "darwin" ? "open" : "xdg-open");
  writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > '${told}.part' && mv '${told}.part' '${told}'\n`);
  chmodSync(opener, 0o755);
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}` };
  const silent = await view([talk], env);
  await silent.end();
  assert.equal(existsSync(told), false);
  const { address, end } = await view([talk, "--open"], env);
  while (!existsSync(told)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(readFileSync(told, "utf8"), address);
  await end();
  const without = await view([talk, "--open"], { ...env, PATH: "" });
  assert.match((await without.end()).stderr, /no browser was opened: spawn .* ENOENT/);
});
