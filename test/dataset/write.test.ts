import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "node:test";
import { type DatasetOptions, mergeDataset, readShard, writeDataset } from "../../src/dataset/index.js";
import { partOf } from "../../src/dataset/folder-store.js";
import { FramepoolTypeError } from "../../src/index.js";
import { intra, plain, plainMkv, unreferencedMkv } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { rejection, testPool } from "../api/support/pool.js";
import { memoryContent } from "../support/content.js";
import type { Fault } from "../support/faults.js";
import { RangeServer } from "../support/range-server.js";
import { contents, samplesOf, tableOf } from "./support.js";

const root = temporaryFolder();
const pool = testPool();
let folders = 0;
const fresh = (): string => join(root, `set-${String(folders++)}`);
const names = [plain.path(), plainMkv(), intra.path(), unreferencedMkv(), plain.streamable()];
/** Two shards of two inputs, one of one. */
const options = (to: string, more: Partial<DatasetOptions> = {}): DatasetOptions => ({
  ...{ to, select: { count: 4 }, samplesPerShard: 8, pool },
  ...more,
});

describe("a data set", () => {
  it("holds the pictures that getImages gives, in tar files, with what they are beside them", async () => {
    const to = fresh();
    const summary = await writeDataset(names, options(to));
    assert.deepEqual({ ...summary }, { shards: 3, made: 3, kept: 0, samples: 20, failures: [], unfinished: [] });
    assert.deepEqual(readdirSync(to).sort(), [
      ...["000000.json", "000000.jsonl", "000000.tar", "000001.json", "000001.jsonl", "000001.tar"],
      ...["000002.json", "000002.jsonl", "000002.tar", "dataset.json"],
    ]);
    for (const [ordinal, name] of names.entries()) {
      const shard = String(ordinal >> 1).padStart(6, "0");
      const own = (await samplesOf(join(to, `${shard}.tar`))).filter(({ key }) =>
        key.startsWith(`${String(ordinal).padStart(6, "0")}_`),
      );
      const video = await pool.openVideo(name);
      let row = 0;
      for await (const image of video.getImages({ count: 4 }, { encode: { format: "jpeg" } })) {
        const { key, files } = own[row++] ?? assert.fail("a sample is missing");
        assert.deepEqual(Object.keys(files), ["jpg", "json"]);
        assert.deepEqual(files["jpg"], image.data);
        const { index, ptsSeconds, durationSeconds, status, width, height } = image;
        const facts = { source: name, index, ptsSeconds, durationSeconds, status, width, height };
        assert.deepEqual(JSON.parse(Buffer.from(files["json"] ?? []).toString()), facts);
        const line = tableOf(to, shard).find((entry) => entry["key"] === key);
        assert.deepEqual(line, { key, shard: `${shard}.tar`, ...facts, bytes: image.data.length });
      }
      assert.equal(row, 4);
      await video.close();
    }
  });

  it("is the same, byte for byte, however many workers and processes make it", async () => {
    const [one, shared] = [fresh(), fresh()];
    await writeDataset(names, options(one, { pool: testPool({ workers: 1 }) }));
    const share = (index: number): Promise<unknown> =>
      writeDataset(names, options(shared, { share: { index, count: 2 } }));
    await Promise.all([share(1), share(0)]);
    assert.deepEqual(contents(shared), contents(one));
  });

  it("is made no further than what is missing", async () => {
    const to = fresh();
    await writeDataset(names, options(to));
    const before = contents(to);
    const long = new Date(0);
    for (const name of Object.keys(before)) utimesSync(join(to, name), long, long);
    rmSync(join(to, "000001.json"));
    const { made, kept, samples } = await writeDataset(names, options(to));
    assert.deepEqual([made, kept, samples], [1, 2, 20]);
    assert.deepEqual(contents(to), before);
    assert.equal(statSync(join(to, "000000.tar")).mtimeMs, 0);
    assert.notEqual(statSync(join(to, "000001.tar")).mtimeMs, 0);
    // A file that is cut is missing too.
    writeFileSync(join(to, "000002.tar"), "");
    assert.equal((await writeDataset(names, options(to))).made, 1);
    assert.deepEqual(contents(to), before);
  });

  it("is the same where a default is named, or an option comes before another", async () => {
    const to = fresh();
    const select = { range: { startSeconds: 0, stopSeconds: 0.2 } };
    await writeDataset(names, options(to, { select }));
    const named = {
      select: { range: { stopSeconds: 0.2, startSeconds: 0 } },
      encode: { format: "jpeg", quality: 90 },
      ...({ pixelFormat: "rgb24", transforms: [], onError: "skip", layout: "webdataset" } as const),
    } as const;
    assert.equal((await writeDataset(names, options(to, named))).made, 0);
  });

  it("is made anew where an input has changed", async () => {
    const to = fresh();
    const input = join(root, "changes.mp4");
    copyFileSync(plain.path(), input);
    await writeDataset([input, ...names], options(to));
    copyFileSync(intra.path(), input);
    const { made, kept } = await writeDataset([input, ...names], options(to));
    assert.deepEqual([made, kept], [1, 2]);
    assert.equal(tableOf(to, "000000")[3]?.["index"], intra.frames - 1);
  });

  it("lists what cannot be read, and goes on", async () => {
    const to = fresh();
    const text = join(root, "text.mp4");
    writeFileSync(text, "no video");
    const { failures, samples } = await writeDataset([text, names[0] ?? "", join(root, "nowhere.mp4")], options(to));
    assert.equal(samples, 4);
    assert.deepEqual(
      failures.map(({ source, code }) => [source, code]),
      [
        [text, "E_UNSUPPORTED_FORMAT"],
        [join(root, "nowhere.mp4"), "E_NOT_FOUND"],
      ],
    );
    // They are told again of shards that are there.
    assert.deepEqual(
      (await writeDataset([text, names[0] ?? "", join(root, "nowhere.mp4")], options(to))).failures,
      failures,
    );
  });

  it("is not mixed with another one", async () => {
    const to = fresh();
    await writeDataset(names, options(to));
    const before = contents(to);
    await rejection(writeDataset(names, options(to, { select: { count: 5 } })), "E_EXISTS");
    await rejection(writeDataset(names.slice(1), options(to)), "E_EXISTS");
    assert.deepEqual(contents(to), before);
  });

  it("goes on in another file where a shard grows too large", async () => {
    const to = fresh();
    await writeDataset(names.slice(0, 1), options(to, { shardBytes: 10_000 }));
    const files = readdirSync(to).filter((name) => name.endsWith(".tar"));
    assert.ok(files.length > 1, files.join());
    assert.deepEqual(files, ["000000-001.tar", "000000-002.tar", "000000-003.tar", "000000.tar"].slice(-files.length));
    const keys = tableOf(to, "000000").map(({ key, shard }) => [key, shard]);
    for (const file of files) {
      for (const { key } of await samplesOf(join(to, file))) {
        assert.ok(keys.some(([k, shard]) => k === key && shard === file));
      }
      assert.ok(statSync(join(to, file)).size <= 10_000 + 1024 + 10_240);
    }
  });

  it("is of folders where these are wanted", async () => {
    const to = fresh();
    await writeDataset(names.slice(0, 2), options(to, { layout: "folders", encode: { format: "png" } }));
    const pictures = readdirSync(join(to, "000000")).sort();
    assert.equal(pictures.length, 16);
    assert.match(pictures[0] ?? "", /^000000_000000\.json$/);
    assert.match(pictures[1] ?? "", /^000000_000000\.png$/);
    const before = contents(to);
    rmSync(join(to, "000000.json"));
    await writeDataset(names.slice(0, 2), options(to, { layout: "folders", encode: { format: "png" } }));
    assert.deepEqual(contents(to), before);
  });

  it("takes what one answer cannot hold as it comes", async () => {
    const [small, large] = [fresh(), fresh()];
    const every = { select: { every: 0.04 }, inputsPerShard: 2 };
    const tight = testPool({ workers: 2, limits: { maxOutputBytes: plain.width * plain.height * 3 * 4 } });
    const { samples, failures } = await writeDataset(names.slice(0, 2), options(small, { ...every, pool: tight }));
    assert.deepEqual([samples, failures], [100, []]);
    await writeDataset(names.slice(0, 2), options(large, every));
    assert.deepEqual(contents(small), contents(large));
  });

  it("leaves a shard for the next run where a server fails", async () => {
    const to = fresh();
    const server = await RangeServer.start();
    let isBroken = true;
    const fault: Fault = (reply) => (isBroken ? { ...reply, status: 501 } : reply);
    const address = server.serve({ content: memoryContent(readFileSync(plain.streamable())), fault });
    const inputs = [address, names[0] ?? ""];
    try {
      const first = await writeDataset(inputs, options(to, { inputsPerShard: 1 }));
      assert.deepEqual([first.made, first.unfinished.map(({ shard }) => shard)], [1, ["000000"]]);
      assert.deepEqual(readdirSync(to).sort(), ["000001.json", "000001.jsonl", "000001.tar", "dataset.json"]);
      isBroken = false;
      const second = await writeDataset(inputs, options(to, { inputsPerShard: 1 }));
      assert.deepEqual([second.made, second.kept, second.unfinished], [1, 1, []]);
    } finally {
      await server.close();
    }
  });

  it("ends with the signal, and leaves nothing half made", async () => {
    const to = fresh();
    const stop = new AbortController();
    const reason = new Error("enough");
    const onProgress = (): void => stop.abort(reason);
    await assert.rejects(writeDataset(names, options(to, { signal: stop.signal, onProgress })), reason);
    assert.ok(
      readdirSync(to).every((name) => !name.endsWith(".part")),
      readdirSync(to).join(),
    );
    await writeDataset(names, options(to));
    const whole = fresh();
    await writeDataset(names, options(whole));
    assert.deepEqual(contents(to), contents(whole));
  });

  it("has one table of all samples, once all shards are there", async () => {
    const to = fresh();
    await writeDataset(names, options(to, { share: { index: 0, count: 2 } }));
    const { message } = await rejection(mergeDataset(to), "E_NOT_FOUND");
    assert.match(message, /1 of 3 shards are missing: 000001/);
    await writeDataset(names, options(to, { share: { index: 1, count: 2 } }));
    const { table, samples, shards } = await mergeDataset(to);
    assert.deepEqual([samples, shards], [20, 3]);
    const lines = readFileSync(table, "utf8");
    assert.equal(
      lines,
      ["000000", "000001", "000002"].map((shard) => readFileSync(join(to, `${shard}.jsonl`), "utf8")).join(""),
    );
    await rejection(mergeDataset(root), "E_NOT_FOUND");
  });

  it("refuses what makes no sense", async () => {
    const to = fresh();
    const wrong: readonly object[] = [
      { to: "" },
      { select: {} },
      { select: { count: 4, every: 1 } },
      { share: { index: 2, count: 2 } },
      { layout: "zip" },
      { samplesPerShard: 0 },
      { encode: { format: "bmp" } },
      { form: "jpeg" },
    ];
    for (const more of wrong) {
      await assert.rejects(writeDataset(names, options(to, more)), FramepoolTypeError, JSON.stringify(more));
    }
    await assert.rejects(writeDataset([7 as unknown as string], options(to)), FramepoolTypeError);
    mkdirSync(join(root, "taken"));
    writeFileSync(join(root, "taken", "file"), "");
    await rejection(writeDataset(names, options(join(root, "taken", "file"))), "E_IO");
  });
});

describe("what a process that was killed has left", () => {
  it("goes with the next run of this machine: of its shards and of the data set's own files, nobody else's", async () => {
    const to = fresh();
    mkdirSync(to);
    const ours = (name: string, process: number): string =>
      basename(partOf(join(to, name))).replace(/-\d+-/, `-${String(process)}-`);
    // No process has this number: it is beyond the largest that Linux gives.
    const gone = 2 ** 22 + 1;
    const left = [ours("dataset.json", gone), ours("000001.tar", gone), ours("samples.jsonl", gone)];
    const kept = [ours("dataset.json", process.pid), ours("000007.tar", gone), ".mine.part"];
    for (const name of [...left, ...kept]) writeFileSync(join(to, name), "half");
    await writeDataset(names, options(to));
    const parts = readdirSync(to).filter((name) => name.endsWith(".part"));
    assert.deepEqual(parts.sort(), kept.sort());
  });
});

describe("a shard", () => {
  it("of anybody's is read by sample, wherever its names have dots and folders", async () => {
    const { packTar } = await import("modern-tar");
    const tar = await packTar(
      ["a/x.1.jpg", "a/x.json", "b.c/y.jpg", "z"].map((name) => ({
        header: { name, size: 1 },
        body: name.slice(0, 1),
      })),
    );
    const samples = [];
    for await (const { key, files } of readShard(new Blob([tar]).stream())) samples.push([key, Object.keys(files)]);
    assert.deepEqual(samples, [
      ["a/x", ["1.jpg", "json"]],
      ["b.c/y", ["jpg"]],
      ["z", [""]],
    ]);
  });
});
