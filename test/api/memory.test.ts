import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { intra, lossless, plain, plainMkv, sound, twoSizes } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { temporaryFolder } from "./support/files.js";
import { clip } from "./support/ffmpeg.js";
import { copies } from "./support/loader.js";
import { reportsOf } from "./support/script.js";

const folder = temporaryFolder();
const files = [plain.path(), plainMkv(), intra.path(), twoSizes.mpeg2(), lossless("yuv420p")];
const broken = [withDeadPackets(intra.path(), [0, 3]), "/dev/null", import.meta.filename];

const fastest = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

/** In a script: the most memory that the process had at once, in MB. */
const peak = `
  const { readFileSync } = await import("node:fs");
  const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]) / 1024;
  /** Makes large frames of small ones at little cost. */
  const padded = (...to) => ({ transforms: [framepool.transforms.pad({ to })] });`;

describe("a process that never calls release()", () => {
  it("has what it forgot freed in time", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 3.7 MB a frame, 1.1 GB each in all.
    const [loop, extracted] = (await reportsOf(
      `${peak}
      const [path] = args;
      const pool = new DecoderPool({ workers: 2 });
      const video = await pool.openVideo(path, padded(960, 1280));
      for (let round = 0; round < 6; round++) for await (const frame of video) frame.data;
      report(peak());
      for await (const { batch } of pool.extract(Array.from({ length: 60 }, () => ({ source: path, count: 5 })), padded(960, 1280))) batch.data;
      report(peak());
      await pool.close();`,
      [plain.path()],
    )) as [number, number];
    assert.ok(
      loop < 700 && extracted < 700,
      `${loop.toFixed(0)} MB by the loop, ${extracted.toFixed(0)} MB with the extraction`,
    );
  });
});

describe("pictures that are larger than the budget", () => {
  it("are decoded one at a time, by loops and extractions", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 108 MB each.
    const [extracted, ordered, loop] = (await reportsOf(
      `${peak}
      const [path] = args;
      const pool = new DecoderPool({ workers: 2, memoryBudget: 2 ** 22 });
      const requests = Array.from({ length: 10 }, (_, i) => ({ source: path, indices: [i] }));
      const options = { ...padded(6000, 6000), maxInFlight: 10 };
      for await (const { batch } of pool.extract(requests, options)) batch.release();
      report(peak());
      for await (const { batch } of pool.extract(requests, { ...options, ordered: true })) batch.release();
      report(peak());
      const video = await pool.openVideo(path, padded(6000, 6000));
      for await (const frame of video.frames({ stop: 10 })) frame.release();
      for await (const frame of video.frames({ step: 12 })) frame.release();
      report(peak());
      await pool.close();`,
      [plain.path()],
    )) as [number, number, number];
    // Beside them, each worker's reader has a padded picture or two at hand.
    assert.ok(
      extracted < 500 && ordered < 600 && loop < 750,
      `${extracted.toFixed(0)}, ${ordered.toFixed(0)}, ${loop.toFixed(0)} MB`,
    );
  });

  it("never beside another one in the decoder where they are huge, nor beside memory of those before", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 274 MB in the decoder, 547 MB as output.
    const size = 13504;
    const source = `color=gray:s=${String(size)}x${String(size)}:r=2`;
    const path = clip("huge.mp4", ["-f", "lavfi", "-i", source, "-frames:v", "2", ...fastest]);
    const [statuses, most] = (await reportsOf(
      `${peak}
      const [path] = args;
      const pool = new DecoderPool({ workers: 2, limits: { maxPixels: 2e8 } });
      const video = await pool.openVideo(path);
      const seen = [];
      for (const loop of [video.frames(), video.frames({ start: 1 })]) {
        for await (const frame of loop) {
          seen.push([frame.index, frame.status, frame.data.at(0) === frame.data.at(-1)]);
          frame.release();
        }
      }
      report(seen);
      report(peak());
      await pool.close();`,
      [path],
    )) as [unknown, number];
    const rows = [0, 1, 1].map((index) => [index, "ok", true]);
    assert.deepEqual(statuses, rows);
    assert.ok(most < 1200, `${most.toFixed(0)} MB`);
  });

  it("and take the place of what their decoder made of them where that is as large, however they are asked for", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 271 MB, in the decoder as in the output.
    const source = "testsrc=s=9504x9504:r=2";
    const images = ["-c:v", "png", "-pred", "none", "-pix_fmt", "rgb24"];
    const path = clip("huge.mkv", ["-f", "lavfi", "-i", source, "-frames:v", "2", ...images]);
    for (const how of ["{}", '{ pixelFormat: "native" }', '{ seekMode: "approximate" }', "shrunk"]) {
      const [most] = (await reportsOf(
        `${peak}
        const [path] = args;
        const pool = new DecoderPool({ workers: 1 });
        const shrunk = { transforms: [framepool.transforms.resize([64, 64])] };
        const video = await pool.openVideo(path, ${how});
        for await (const frame of video.frames()) frame.release();
        report(peak());
        await pool.close();`,
        [path],
      )) as [number];
      assert.ok(most < 500, `${how}: ${most.toFixed(0)} MB`);
    }
  });

  it("and are not decoded when their file is opened, where that is one after the other", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 271 MB each.
    const image = (source: string): string =>
      clip("huge.png", [
        "-f",
        "lavfi",
        "-i",
        `${source}=s=9504x9504:r=2`,
        "-frames:v",
        "1",
        "-pred",
        "none",
        "-pix_fmt",
        "rgb24",
      ]);
    const [opened, extracted] = (await reportsOf(
      `${peak}
      const pool = new DecoderPool({ workers: 2 });
      for (const path of args) await (await pool.openVideo(path)).close();
      report(peak());
      for await (const { batch } of pool.extract(args.map((source) => ({ source, indices: [0] })))) batch.release();
      report(peak());
      await pool.close();`,
      [image("testsrc"), image("rgbtestsrc")],
    )) as [number, number];
    assert.ok(opened < 250 && extracted < 500, `${opened.toFixed(0)} MB opened, ${extracted.toFixed(0)} MB extracted`);
  });

  it("and what is not taken is not decoded any further ahead than the budget goes", async () => {
    if (!existsSync("/proc/self/status")) return;
    // 2.7 MB a frame, 13.5 MB a request, 1.1 GB in all.
    const [most] = (await reportsOf(
      `${peak}
      const [path] = args;
      const pool = new DecoderPool({ workers: 2, memoryBudget: 2 ** 28 });
      const requests = Array.from({ length: 80 }, () => ({ source: path, indices: [0, 1, 2, 3, 4] }));
      let taken = 0;
      for await (const { batch } of pool.extract(requests, { ...padded(720, 1280), maxInFlight: 80 })) {
        if (taken++ === 0) await new Promise((resolve) => setTimeout(resolve, 2000));
        batch.release();
      }
      report(peak());
      await pool.close();`,
      [plain.path()],
    )) as [number];
    assert.ok(most < 400, `${most.toFixed(0)} MB`);
  });
});

describe("decoders that stay open", () => {
  it("are those used last, within the budget", async () => {
    if (!existsSync("/proc/self/fd")) return;
    const reports = await reportsOf(
      `
      for (const memoryBudget of [0, 2 ** 30]) {
        const pool = new DecoderPool({ workers: 1, memoryBudget });
        const videos = [];
        for (const path of args) videos.push(await pool.openVideo(path));
        for (const video of videos) (await video.getFrameAt(3)).release();
        report(openFiles(args));
        await pool.close();
      }`,
      files.slice(0, 3),
    );
    assert.deepEqual(reports, [1, 3]);
  });

  it("of pictures and of sound share it", async () => {
    if (!existsSync("/proc/self/fd")) return;
    const reports = await reportsOf(
      `
      // Half of it is theirs: enough for two of pictures, or for one of sound beside one of pictures, which stays in any case.
      const pool = new DecoderPool({ workers: 1, memoryBudget: 1e7 });
      const [sound, ...pictures] = args;
      for (const opened of [false, true]) {
        const audio = opened ? await pool.openAudio(sound) : undefined;
        const videos = [];
        for (const path of pictures) videos.push(await pool.openVideo(path));
        report([openFiles([sound]), openFiles(pictures)]);
        for (const one of [audio, ...videos]) await one?.close();
      }
      await pool.close();`,
      [sound(), ...files.slice(0, 2)],
    );
    assert.deepEqual(reports, [
      [0, 2],
      [1, 1],
    ]);
  });
});

describe("a process that opens, decodes and closes again and again", () => {
  it("does not grow", async () => {
    // Each time under a name that was not seen before: nothing that is kept between opens may pile up.
    const [early, late] = (await reportsOf(
      `
      import { copyFileSync, rmSync } from "node:fs";
      const [folder, cycles, files] = args;
      const pool = new DecoderPool({ workers: 2, memoryBudget: 2 ** 24 });
      const settle = async () => {
        for (let i = 0; i < 5; i++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
        return process.memoryUsage.rss();
      };
      for (let cycle = 0; cycle < cycles; cycle++) {
        const from = files[cycle % files.length];
        const path = folder + "/" + cycle + from.slice(from.lastIndexOf("."));
        copyFileSync(from, path);
        const video = await pool.openVideo(path, { onError: "skip" }).catch(() => undefined);
        if (video !== undefined) {
          (await video.getAllFrames()).release();
          for await (const frame of video.frames({ stop: 3 })) frame.release();
          await video.close();
        }
        for await (const { batch } of pool.extract([{ source: path, count: 3 }])) batch?.release();
        rmSync(path);
        if (cycle === cycles / 2) report(await settle());
      }
      report(await settle());
      await pool.close();`,
      [folder, 240, [...files, broken[0]]],
      { flags: ["--expose-gc"] },
    )) as [number, number];
    assert.ok(late - early < 16e6, `${((late - early) / 1e6).toFixed(1)} MB more after as many cycles again`);
  });

  it("gives back what it opened: no file stays open", async () => {
    if (!existsSync("/proc/self/fd")) return;
    const reports = await reportsOf(
      `
      const [files, broken] = args;
      const own = [...files, ...broken].filter((path) => path !== "/dev/null");
      const pool = new DecoderPool({ workers: 2 });
      const videos = await Promise.all(files.map((path) => pool.openVideo(path)));
      await Promise.all(videos.map((video) => video.getFrameAt(1)));
      report(openFiles(own) >= files.length);
      for await (const { batch } of pool.extract([...files, ...broken].map((source) => ({ source, count: 2 })))) batch?.release();
      for (const path of broken) await pool.openVideo(path).then((video) => video.close(), () => undefined);
      await Promise.all(videos.map((video) => video.close()));
      report(openFiles(own));
      const left = await pool.openVideo(files[0]);
      await left.getFrameAt(0);
      await pool.close();
      report(openFiles(own));`,
      [files, broken],
    );
    assert.deepEqual(reports, [true, 0, 0]);
  });

  it("closes every file of more than a worker keeps open, in whatever order they are used and closed", async () => {
    if (!existsSync("/proc/self/fd")) return;
    const reports = await reportsOf(
      `
      const [files, broken] = args;
      const pool = new DecoderPool({ workers: 1 });
      const videos = [];
      for (const path of files) {
        videos.push(await pool.openVideo(path));
        await pool.openVideo(broken[videos.length % broken.length]).catch(() => undefined);
        // One that was used long ago, and one that was used just now.
        await Promise.all([videos[videos.length >> 1].getFrameAt(0), videos.at(-1).getFrameAt(1)]);
        await (await pool.openVideo(files[0])).close();
      }
      report(openFiles(files) > 0);
      for (let i = 0; i < videos.length; i++) {
        const closing = videos[(i * 7) % videos.length].close();
        if (i % 3 === 0) await videos[(i * 7 + 7) % videos.length].getFrameAt(2).catch(() => undefined);
        await closing;
      }
      report(openFiles(files));
      await pool.close();`,
      [copies(plain.path(), 80, folder), broken],
    );
    assert.deepEqual(reports, [true, 0]);
  });
});
