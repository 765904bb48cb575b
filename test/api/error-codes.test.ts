import assert from "node:assert/strict";
import { chmodSync, copyFileSync, cpSync, mkdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeDataset } from "../../src/dataset/index.js";
import {
  type DecoderPool,
  type ErrorCode,
  FramepoolTypeError,
  type Limits,
  type MediaSource,
  configureDefaultPool,
  versions,
} from "../../src/index.js";
import { memoryContent } from "../support/content.js";
import { faults } from "../support/faults.js";
import { RangeServer } from "../support/range-server.js";
import { withUnknownCodec } from "./support/avi.js";
import { intra, manyStreams, plain, raw, slow, sound, twoSizes, withoutDuration } from "./support/clips.js";
import { withDeadPackets } from "./support/damage.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, testPool } from "./support/pool.js";
import { reportsOf } from "./support/script.js";
import { collect } from "./support/sequences.js";

const folder = temporaryFolder();
const root = fileURLToPath(new URL("../../../", import.meta.url));
const pool = testPool();

const fails = async (call: Promise<unknown>, code: ErrorCode): Promise<void> => {
  await rejection(call, code);
};
const openingFails = (source: MediaSource, code: ErrorCode): Promise<void> => fails(pool.openVideo(source), code);

/** Each code of the library and a way to meet it; the compiler sees to it that none is forgotten. */
const ways: Readonly<Record<Exclude<ErrorCode, "E_INTERNAL">, () => Promise<void>>> = {
  E_ARGUMENT: async () => {
    await assert.rejects(pool.openVideo(3 as unknown as string), (error) => {
      assert.ok(error instanceof FramepoolTypeError && error instanceof TypeError);
      assert.equal(error.code, "E_ARGUMENT");
      return true;
    });
  },
  E_NOT_FOUND: () => openingFails(join(folder, "nowhere.mp4"), "E_NOT_FOUND"),
  E_EXISTS: async () => {
    const to = join(folder, "data set");
    await writeDataset([plain.path()], { to, select: { count: 1 }, pool });
    await fails(writeDataset([plain.path()], { to, select: { count: 2 }, pool }), "E_EXISTS");
  },
  E_ACCESS: async () => {
    const file = join(folder, "secret.mp4");
    const closedFolder = join(folder, "closed");
    copyFileSync(plain.path(), file);
    mkdirSync(closedFolder);
    copyFileSync(plain.path(), join(closedFolder, "inside.mp4"));
    chmodSync(folder, 0o755);
    chmodSync(file, 0);
    chmodSync(closedFolder, 0);
    const codes = await reportsOf(
      `
      const pool = new DecoderPool({ workers: 1 });
      await (await pool.openVideo(args[0])).getFrameAt(0);
      // The superuser may read everything.
      if (process.getuid() === 0) process.seteuid(65534);
      for (const path of args.slice(1)) report(await pool.openVideo(path).then(() => "opened", ({ code }) => code));
      await pool.close();`,
      [plain.path(), file, join(closedFolder, "inside.mp4")],
    );
    chmodSync(closedFolder, 0o755);
    assert.deepEqual(codes, ["E_ACCESS", "E_ACCESS"]);
  },
  E_NOT_A_FILE: () => openingFails(folder, "E_NOT_A_FILE"),
  E_IO: () => openingFails(join(folder, "x".repeat(300)), "E_IO"),
  E_HTTP: async () => {
    const server = await RangeServer.start();
    const content = memoryContent(new Uint8Array(1000));
    await openingFails(server.serve({ content, fault: faults.unsatisfiable }), "E_HTTP");
    await server.close();
  },
  E_TIMEOUT: async () => {
    const source = { size: 1000, read: () => new Promise<Uint8Array>(() => undefined) };
    await fails(pool.openVideo(source, { readTimeoutMs: 20 }), "E_TIMEOUT");
  },
  E_POOL_IN_USE: async () => {
    await versions();
    assert.throws(() => configureDefaultPool({ workers: 1 }), { code: "E_POOL_IN_USE" });
  },
  E_INDEX: () => fails(pool.openVideo(plain.path(), { index: new Uint8Array(100) }), "E_INDEX"),
  E_SOURCE_CHANGED: async () => {
    const path = join(folder, "changing.mp4");
    copyFileSync(plain.path(), path);
    const video = await pool.openVideo(path);
    copyFileSync(raw.path(), `${path}.new`);
    renameSync(`${path}.new`, path);
    // Enough for both workers: the one that has not opened it meets another file.
    const error = await rejection(video.getAllFrames(), "E_SOURCE_CHANGED");
    assert.match(error.message, /changing\.mp4: the file was replaced or changed after it was opened$/);
  },
  E_UNSUPPORTED_FORMAT: () => openingFails(new TextEncoder().encode("no video"), "E_UNSUPPORTED_FORMAT"),
  E_INVALID_DATA: () => {
    const header = Buffer.alloc(4096);
    header.writeUInt32BE(24, 0);
    header.write("ftypisom", 4, "latin1");
    return openingFails(header, "E_INVALID_DATA");
  },
  E_NO_STREAM: () => openingFails(sound(), "E_NO_STREAM"),
  E_UNSUPPORTED_CODEC: () => openingFails(withUnknownCodec(raw.path()), "E_UNSUPPORTED_CODEC"),
  E_CONVERSION: () => fails(pool.openAudio(sound(), { numChannels: 15 }), "E_CONVERSION"),
  E_DECODE: async () => {
    const video = await pool.openVideo(withDeadPackets(intra.path(), [3]));
    await rejection(video.getFrameAt(3), "E_DECODE");
  },
  E_OUT_OF_RANGE: async () => {
    const video = await pool.openVideo(plain.path());
    await rejection(video.getFrameAt(plain.frames), "E_OUT_OF_RANGE");
    await rejection(video.getFramePlayedAt(plain.seconds), "E_OUT_OF_RANGE");
    const batch = await video.getFramesAt([0, 1]);
    for (const row of [2, -3, 0.5]) assert.throws(() => batch.frame(row), { code: "E_OUT_OF_RANGE" });
    assert.equal(batch.frame(-1).index, 1);
  },
  E_LIMIT: async () => {
    const bytes = plain.width * plain.height * 3;
    const [path, streams] = [plain.path(), manyStreams()];
    const limited = (limits: Limits): DecoderPool => testPool({ workers: 1, limits });
    await fails(limited({ maxPixels: plain.width * plain.height - 1 }).openVideo(path), "E_LIMIT");
    await limited({ maxPixels: plain.width * plain.height }).openVideo(path);
    await fails(limited({ maxStreams: 2 }).openVideo(streams), "E_LIMIT");
    await limited({ maxStreams: 3 }).openVideo(streams);
    await fails(limited({ maxIndexPackets: plain.frames - 1 }).openVideo(path), "E_LIMIT");
    await limited({ maxIndexPackets: plain.frames }).openVideo(path);
    const few = limited({ maxOutputBytes: 2 * bytes });
    const video = await few.openVideo(path);
    assert.equal((await video.getFramesInRange(0, 2)).length, 2);
    const error = await rejection(video.getFramesInRange(0, 3), "E_LIMIT");
    assert.match(error.message, /limits\.maxOutputBytes.*frames\(\)/);
    const [result] = await collect(few.extract([{ source: path, indices: [0, 1, 2] }]));
    assert.equal(result?.error?.code, "E_LIMIT");
  },
  E_FRAME_SIZE: async () => {
    const video = await pool.openVideo(twoSizes.jpeg(), { pixelFormat: "native" });
    await rejection(video.getAllFrames(), "E_FRAME_SIZE");
  },
  E_METADATA: () => fails(pool.openVideo(withoutDuration(), { seekMode: "approximate" }), "E_METADATA"),
  E_CLOSED: async () => {
    const video = await pool.openVideo(plain.path());
    await video.close();
    await rejection(video.getFrameAt(0), "E_CLOSED");
  },
  E_WORKER_LOST: async () => {
    const reports = await reportsOf(
      `
      const workers = [];
      process.on("worker", (worker) => workers.push(worker));
      const pool = new DecoderPool({ workers: 1 });
      const video = await pool.openVideo(args[0]);
      const lost = video.getFrameAt(-1).then(() => "decoded", ({ code }) => code);
      await workers[0].terminate();
      report(await lost);
      await pool.close();`,
      [slow.path()],
    );
    assert.deepEqual(reports, ["E_WORKER_LOST"]);
  },
  E_ADDON: async () => {
    // The package as it is when its addon was never built.
    const copy = join(folder, "unbuilt");
    mkdirSync(copy);
    for (const part of ["dist/src", "dist/workers", "dist/native", "package.json"]) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    const reports = await reportsOf(
      `
      const unbuilt = await import(args[0]);
      const { code, message } = await unbuilt.VideoDecoder.open(args[1]).catch((error) => error);
      report([code, message]);
      const pool = new unbuilt.DecoderPool({ workers: 2 });
      const requests = [1, 2, 3].map(() => ({ source: args[1], count: 1 }));
      let told = 0;
      const thrown = await (async () => { for await (const result of pool.extract(requests)) told++; })().catch((error) => error);
      const { ClipLoader } = await import(args[2]);
      const sampler = { type: "regularIndices", numClips: 1 };
      const skipping = new ClipLoader({ pool, items: [args[1]], sampler, onError: "skip" });
      const skipped = await (async () => { for await (const batch of skipping); })().catch((error) => error);
      await pool.close();
      report([thrown.code, told, skipped?.code]);`,
      [
        pathToFileURL(join(copy, "dist/src/index.js")).href,
        plain.path(),
        pathToFileURL(join(copy, "dist/src/loader/index.js")).href,
      ],
      { env: { FRAMEPOOL_ADDON: "" } },
    );
    const [[code, message], once] = reports as [[string, string], unknown];
    assert.deepEqual(once, ["E_ADDON", 0, "E_ADDON"], "once, not for each file");
    assert.equal(code, "E_ADDON");
    assert.match(message, /cannot load framepool's native addon: .*Install it with: npm install --include=optional /);
  },
};

describe("every error code can be met", () => {
  for (const [code, way] of Object.entries(ways)) it(code, way);

  it("and the pool works afterwards", async () => {
    const video = await pool.openVideo(plain.path());
    assert.equal((await video.getAllFrames()).length, plain.frames);
  });
});
