import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { it } from "node:test";
import { writeDataset } from "../../src/dataset/index.js";
import { intra, plain } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { testPool } from "../api/support/pool.js";
import { makeVideo } from "../cli/support.js";
import { samplesOf, tableOf } from "../dataset/support.js";

const program = `
import hashlib, json, sys, webdataset
for sample in webdataset.WebDataset(sys.argv[1], shardshuffle=False):
    facts = json.loads(sample["json"])
    print(json.dumps([sample["__key__"], sorted(k for k in sample if not k.startswith("__")), hashlib.sha256(sample["jpg"]).hexdigest(), facts["index"]]))
`;

const arrays = `
import io, json, sys, wave, webdataset
for sample in webdataset.WebDataset(sys.argv[1], shardshuffle=False).decode():
    with wave.open(io.BytesIO(sample["wav"])) as sound: wav = [sound.getnchannels(), sound.getframerate(), sound.getnframes()]
    print(json.dumps([list(sample["npy"].shape), str(sample["npy"].dtype), wav, sample["json"]["soundSamples"]]))
`;

it("Python reads arrays and sound of clips", async () => {
  const to = temporaryFolder();
  const input = makeVideo(join(to, "sounding.mkv"), { sound: true });
  const clip = { frames: 4 };
  const sound = { seconds: 0.5, sampleRate: 16_000 };
  const encode = { format: "npy", dtype: "float32" } as const;
  await writeDataset([input], { to, select: { indices: [0, 20] }, encode, clip, sound, pool: testPool() });
  const python = process.env["FRAMEPOOL_TEST_PYTHON"] ?? "python3";
  const run = spawnSync(python, ["-c", arrays, join(to, "000000.tar")], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const sample = [[4, 48, 64, 3], "float32", [1, 16_000, 8000], 8000];
  const read = run.stdout.trim().split("\n");
  assert.deepEqual(
    read.map((line) => JSON.parse(line) as unknown),
    [sample, sample],
  );
});

it("Python's webdataset reads the samples that were written", async () => {
  const to = temporaryFolder();
  const inputs = [plain.path(), intra.path(), plain.path()];
  await writeDataset(inputs, { to, select: { count: 5 }, inputsPerShard: 2, pool: testPool() });
  const python = process.env["FRAMEPOOL_TEST_PYTHON"] ?? "python3";
  const shards = join(to, "{000000..000001}.tar");
  const { status, stdout, stderr } = spawnSync(python, ["-c", program, shards], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  const read = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [string, string[], string, number]);
  const table = [...tableOf(to, "000000"), ...tableOf(to, "000001")];
  assert.deepEqual(
    read.map(([key, , , index]) => [key, index]),
    table.map(({ key, index }) => [key, index]),
  );
  const { createHash } = await import("node:crypto");
  const own = [...(await samplesOf(join(to, "000000.tar"))), ...(await samplesOf(join(to, "000001.tar")))];
  assert.deepEqual(
    read.map(([, members, digest]) => [members, digest]),
    own.map(({ files }) => [
      ["jpg", "json"],
      createHash("sha256")
        .update(files["jpg"] ?? "")
        .digest("hex"),
    ]),
  );
});
