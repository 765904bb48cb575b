import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parquetReadObjects } from "hyparquet";
import { type DatasetOptions, mergeDataset, writeDataset } from "../../src/dataset/index.js";
import { AudioDecoder, FramepoolTypeError, transforms } from "../../src/index.js";
import { intra, plain } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { testPool } from "../api/support/pool.js";
import { makeVideo } from "../cli/support.js";
import { contents, samplesOf, tableOf } from "./support.js";

function sorted(row: object): object {
  return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("samples of several frames", () => {
  const root = temporaryFolder();
  const pool = testPool();
  const inputs = [plain.path(), intra.path()];
  const sounding = makeVideo(join(root, "sounding.mkv"), { sound: true, seconds: 2 });
  let folders = 0;
  const fresh = (): string => join(root, `set-${String(folders++)}`);
  const options = (to: string, more: Partial<DatasetOptions> = {}): DatasetOptions => ({
    ...{ to, select: { indices: [0, 10, -1] }, inputsPerShard: 2, pool },
    ...more,
  });

  it("hold the pictures of their frames, and begin earlier where the video ends", async () => {
    const to = fresh();
    const { samples, failures } = await writeDataset(inputs, options(to, { clip: { frames: 3, step: 2 } }));
    assert.deepEqual([samples, failures], [6, []]);
    const shard = await samplesOf(join(to, "000000.tar"));
    const table = tableOf(to, "000000");
    assert.deepEqual(
      table.map(({ indices }) => indices),
      [plain, intra].flatMap(({ frames }) => [
        [0, 2, 4],
        [10, 12, 14],
        [frames - 5, frames - 3, frames - 1],
      ]),
    );
    const video = await pool.openVideo(inputs[0] ?? "");
    for (const [row, { key, files }] of shard.slice(0, 3).entries()) {
      assert.deepEqual(Object.keys(files), ["000.jpg", "001.jpg", "002.jpg", "json"]);
      const indices = table[row]?.["indices"] as number[];
      let frame = 0;
      for await (const { data } of video.getImages({ indices }, { encode: { format: "jpeg" } })) {
        assert.deepEqual(files[`00${String(frame++)}.jpg`], data, key);
      }
      const [first, last] = [await video.getFrameAt(indices[0] ?? 0), await video.getFrameAt(indices[2] ?? 0)];
      const seconds = last.ptsSeconds + last.durationSeconds - first.ptsSeconds;
      assert.deepEqual([table[row]?.["ptsSeconds"], table[row]?.["durationSeconds"]], [first.ptsSeconds, seconds]);
    }
    await video.close();
  });

  it("are arrays of NumPy's where these are wanted, of every number's kind, and of single frames", async () => {
    const video = await pool.openVideo(inputs[0] ?? "", { transforms: [transforms.resize([6, 8])] });
    const one = { ...options(""), transforms: [transforms.resize([6, 8])], select: { indices: [3] } };
    for (const dtype of ["uint8", "float16", "float32"] as const) {
      const decoder = await pool.openVideo(inputs[0] ?? "", { transforms: [transforms.resize([6, 8])], dtype });
      for (const clip of [undefined, { frames: 2 }]) {
        const to = fresh();
        const more = clip === undefined ? {} : { clip };
        await writeDataset([inputs[0] ?? ""], { ...one, ...more, to, encode: { format: "npy", dtype } });
        const [sample] = await samplesOf(join(to, "000000.tar"));
        const file = Buffer.from(sample?.files["npy"] ?? []);
        const headerBytes = file.readUInt16LE(8);
        assert.equal((10 + headerBytes) % 64, 0);
        const descr = { uint8: "|u1", float16: "<f2", float32: "<f4" }[dtype];
        const shape = clip === undefined ? "(6, 8, 3)" : "(2, 6, 8, 3)";
        assert.equal(
          file
            .subarray(0, 10 + headerBytes)
            .toString("latin1")
            .replace(/ *\n$/, ""),
          `\x93NUMPY\x01\x00${file.subarray(8, 10).toString("latin1")}{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`,
        );
        const batch = await decoder.getFramesAt(clip === undefined ? [3] : [3, 4]);
        const { buffer, byteOffset, byteLength } = batch.data;
        assert.deepEqual(file.subarray(10 + headerBytes), Buffer.from(new Uint8Array(buffer, byteOffset, byteLength)));
      }
      await decoder.close();
    }
    await video.close();
  });

  it("have the sound from their first frame on beside them", async () => {
    const to = fresh();
    const sound = { seconds: 0.5, sampleRate: 8000, numChannels: 2 };
    const { samples, failures } = await writeDataset([sounding, plain.path()], options(to, { sound }));
    // The other has none.
    assert.deepEqual(
      [samples, failures.map(({ source, code }) => [source, code])],
      [3, [[plain.path(), "E_NO_STREAM"]]],
    );
    const audio = await AudioDecoder.open(sounding, { sampleRate: 8000, numChannels: 2 });
    const table = tableOf(to, "000000");
    for (const [row, { files }] of (await samplesOf(join(to, "000000.tar"))).entries()) {
      assert.deepEqual(Object.keys(files), ["jpg", "wav", "json"]);
      const start = Number(table[row]?.["ptsSeconds"]);
      const { data, shape } = await audio.getSamplesPlayedInRange(start, start + 0.5);
      const wav = Buffer.from(files["wav"] ?? []);
      assert.deepEqual(
        [wav.toString("latin1", 0, 4), wav.readUInt32LE(4), wav.toString("latin1", 8, 16), wav.readUInt32LE(40)],
        ["RIFF", wav.length - 8, "WAVEfmt ", 4 * shape[1]],
      );
      assert.deepEqual(
        [20, 22, 32, 34].map((at) => wav.readUInt16LE(at)).concat([24, 28].map((at) => wav.readUInt32LE(at))),
        [1, 2, 4, 16, 8000, 32_000],
      );
      for (let i = 0; i < shape[1]; i++) {
        for (const channel of [0, 1]) {
          const value = wav.readInt16LE(44 + 4 * i + 2 * channel) / 32768;
          assert.ok(Math.abs(value - (data[channel * shape[1] + i] ?? NaN)) <= 1 / 32768, `${row} ${i}`);
        }
      }
      assert.deepEqual([table[row]?.["soundSamples"], table[row]?.["sampleRate"]], [shape[1], 8000]);
    }
    assert.ok(Number(table[2]?.["soundSamples"]) < Number(table[0]?.["soundSamples"]));
    await audio.close();
  });

  it("are the same bytes however they are made, and another data set than single frames", async () => {
    const [one, two] = [fresh(), fresh()];
    const more = { clip: { frames: 4 }, sound: { seconds: 0.3 }, inputsPerShard: 1 };
    const all = [sounding, sounding, plain.path(), sounding];
    await writeDataset(all, options(one, { ...more, pool: testPool({ workers: 1 }) }));
    await writeDataset(all, options(two, { ...more, clip: { frames: 4, step: 1 }, pool: testPool({ workers: 3 }) }));
    assert.deepEqual(contents(two), contents(one));
    assert.equal((await writeDataset(all, options(one, more))).kept, 4);
    await assert.rejects(writeDataset(all, options(one, { inputsPerShard: 1 })), { code: "E_EXISTS" });
  });

  it("are in a Parquet table, as in the lines of JSON", async () => {
    for (const [inputs, more] of [
      [[sounding], { clip: { frames: 2 }, sound: { seconds: 0.2 } }],
      [[sounding, plain.path()], {}],
      [[join(root, "nowhere.mp4")], {}],
    ] as const) {
      const to = fresh();
      await writeDataset(inputs, options(to, { ...more, inputsPerShard: 1 }));
      const { table } = await mergeDataset(to, { table: "parquet" });
      assert.equal(table, join(to, "samples.parquet"));
      const file = readFileSync(table);
      const rows = await parquetReadObjects({ file: new Uint8Array(file).buffer });
      const lines = inputs.flatMap((_, shard) => tableOf(to, `00000${String(shard)}`));
      assert.deepEqual(rows.map(sorted), lines.map(sorted));
      await mergeDataset(to, { table: "parquet" });
      assert.deepEqual(readFileSync(table), file);
    }
  });

  it("name what is too short, and what makes no sense", async () => {
    const to = fresh();
    const { samples, failures } = await writeDataset(inputs, options(to, { clip: { frames: 1000 } }));
    assert.deepEqual([samples, failures.map(({ code }) => code)], [0, ["E_OUT_OF_RANGE", "E_OUT_OF_RANGE"]]);
    assert.equal(failures[0]?.message, `has ${String(plain.frames)} frames: a clip takes 1000`);
    const wrong: readonly object[] = [
      { clip: { frames: 0 } },
      { clip: { frames: 2, stride: 2 } },
      { sound: { seconds: 0 } },
      { sound: { seconds: 1, sampleRate: 0.5 } },
      { encode: { format: "npy", quality: 3 } },
      { encode: { format: "npy", dtype: "int8" } },
      { encode: { format: "npy" }, pixelFormat: "native" },
    ];
    const never = fresh();
    for (const more of wrong) {
      await assert.rejects(writeDataset(inputs, options(never, more)), FramepoolTypeError, JSON.stringify(more));
    }
    assert.ok(!readdirSync(root).includes(never));
  });
});
