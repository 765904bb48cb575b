import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { type DatasetOptions, listObjects, mergeDataset, writeDataset } from "../../src/dataset/index.js";
import { FramepoolTypeError } from "../../src/index.js";
import { addDataset, queueStatus, work } from "../../src/queue/index.js";
import { intra, plain, plainMkv } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { rejection, testPool } from "../api/support/pool.js";
import { ffmpeg, framepool, launch } from "../cli/support.js";
import { contents } from "../dataset/support.js";
import { RedisServer } from "./redis-server.js";
import { StorageServer } from "./storage-server.js";

const secret = "wJalrXUtnFEMIK7MDENGbPxRfiCY";
const id = "AKIAIOSFODNN7EXAMPLE";

describe("a data set on S3", () => {
  const root = temporaryFolder();
  const pool = testPool();
  const inputs = [plain.path(), plainMkv(), intra.path()];
  let server: StorageServer;
  let endpoint = "";
  const options = (to: string, more: Partial<DatasetOptions> = {}): DatasetOptions => ({
    ...{ to, select: { count: 4 }, inputsPerShard: 2, pool, s3Endpoint: endpoint },
    ...more,
  });
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    ...{ AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret },
  });

  before(async () => {
    process.env["AWS_ACCESS_KEY_ID"] = id;
    process.env["AWS_SECRET_ACCESS_KEY"] = secret;
    server = await StorageServer.start();
    ({ endpoint } = server);
  });
  beforeEach(() => void (server.onRequest = () => undefined));
  after(async () => server.end());

  it("is what it is in a folder, byte for byte, and is made no further than what is missing", async () => {
    const folder = join(root, "folder");
    await writeDataset(inputs, options(folder));
    const to = "s3://frames/sets/one/";
    const first = await writeDataset(inputs, options(to));
    assert.deepEqual([first.made, first.samples], [2, 12]);
    assert.deepEqual(await server.contents("sets/one"), contents(folder));
    assert.deepEqual((await writeDataset(inputs, options(to))).kept, 2);
    await server.remove("sets/one/000001.tar");
    const again = await writeDataset(inputs, options(to));
    assert.deepEqual([again.made, again.kept], [1, 1]);
    await rejection(writeDataset(inputs, options(to, { select: { count: 5 } })), "E_EXISTS");
    const { table } = await mergeDataset("s3://frames/sets/one", { s3Endpoint: endpoint });
    assert.equal(table, "s3://frames/sets/one/samples.jsonl");
    await mergeDataset(folder);
    assert.deepEqual(await server.contents("sets/one"), contents(folder));
  });

  it("is made of objects, of which only what is needed is fetched", async () => {
    const large = join(root, "large.mp4");
    const noise = "nullsrc=s=640x480:d=20:r=10,geq=lum='random(1)*255':cb=128:cr=128";
    ffmpeg(["-f", "lavfi", "-i", noise, "-c:v", "mpeg4", "-q:v", "2", "-g", "10", "-movflags", "+faststart", large]);
    const { length } = readFileSync(large);
    const address = await server.put("videos/large one.mp4", readFileSync(large));
    await server.put("videos/notes.txt", Buffer.from("no video"));
    let fetched = 0;
    server.onRequest = ({ method, url = "", headers }) => {
      if (method !== "GET" || !url.includes("videos/large")) return;
      const [, first, last] =
        /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? assert.fail(`all of ${url} is fetched`);
      fetched += Number(last) - Number(first) + 1;
    };
    const missing = "s3://frames/videos/nowhere.mp4";
    const to = join(root, "fetched");
    const select = { indices: [0, 100] };
    const { failures } = await writeDataset([address, missing], options(to, { select, layout: "folders" }));
    assert.deepEqual(
      failures.map(({ source, code }) => [source, code]),
      [[missing, "E_NOT_FOUND"]],
    );
    assert.ok(fetched > 0 && fetched < length / 3, `${fetched} of ${length} bytes`);
    const local = join(root, "local");
    await writeDataset([large, missing], options(local, { select, layout: "folders" }));
    const pictures = (folder: string): [string, string][] =>
      Object.entries(contents(folder)).filter(([name]) => name.endsWith(".jpg"));
    assert.equal(pictures(to).length, 2);
    assert.deepEqual(pictures(to), pictures(local));
    const all: string[] = [];
    for await (const name of listObjects("s3://frames/videos/", { s3Endpoint: endpoint })) all.push(name);
    assert.deepEqual(all, [address, "s3://frames/videos/notes.txt"]);
  });

  it("has no picture of an object that changes while it is read", async () => {
    const address = await server.put("videos/changes.mp4", readFileSync(join(root, "large.mp4")));
    server.onRequest = async ({ url = "", headers }) => {
      if (url.includes("changes.mp4") && headers["if-match"] !== undefined) {
        await server.put("videos/changes.mp4", readFileSync(join(root, "large.mp4")).reverse());
      }
    };
    const to = join(root, "changed");
    const { samples, failures } = await writeDataset([address], options(to, { select: { indices: [150] } }));
    assert.deepEqual([samples, failures.map(({ code }) => code)], [0, ["E_SOURCE_CHANGED"]]);
  });

  it("shows nothing of a shard whose maker is killed in mid-upload, and is whole after the next run", async () => {
    const large = [join(root, "large.mp4")];
    const set = ["--all", "--format", "png", "--inputs-per-shard", "1"];
    const run = ["dataset", ...large, ...set, "--to", "s3://frames/killed"];
    let arrived: () => void;
    const second = new Promise<void>((resolve) => (arrived = resolve));
    let pieces = 0;
    server.onRequest = async ({ url = "" }) => {
      if (!url.includes("partNumber=") || ++pieces < 2) return;
      arrived();
      // Not let through: the process is gone by then.
      await once(child, "exit");
    };
    const child = launch(run, { env: env() });
    await second;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    server.onRequest = () => undefined;
    assert.deepEqual(Object.keys(await server.contents("killed")), ["dataset.json"]);
    assert.deepEqual(await server.uploads(), ["killed/000000.tar"]);
    const next = await framepool(run, { env: env() });
    assert.equal(next.code, 0, next.stderr);
    // The SDK says on Node 20 that it wants a newer one.
    assert.doesNotMatch(next.stderr, /NodeVersionSupportWarning/);
    const folder = join(root, "not-killed");
    await framepool(["dataset", ...large, ...set, "--to", folder]);
    assert.deepEqual(await server.contents("killed"), contents(folder));
    // One that goes wrong takes its pieces away.
    const uploads = await server.uploads();
    server.onRequest = (_question, response) => {
      if (_question.url?.includes("partNumber=2") === true) response.writeHead(400).end();
    };
    const failed = await framepool([...run.slice(0, -1), "s3://frames/failed"], { env: env() });
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /framepool: s3:\/\/frames\/failed\/000000\.tar: the storage failed: .*\(E_IO\)\n$/);
    assert.deepEqual(await server.uploads(), uploads);
  });

  it("takes away uploads of its shards that were begun more than a day ago, and no others", async () => {
    const hours = {
      "cleared/000000.tar": 25,
      "cleared/000001.tar": 23,
      "cleared/000007.tar": 25,
      "cleared/notes.bin": 25,
    };
    const uploads: string[] = [];
    for (const [key, age] of Object.entries(hours)) {
      const begun = new Date(Date.now() - age * 3_600_000).toISOString();
      const number = await server.beginUpload(key);
      uploads.push(`<Upload><Key>${key}</Key><UploadId>${number}</UploadId><Initiated>${begun}</Initiated></Upload>`);
    }
    // moto gives all uploads one time, of years ago.
    const list = `<ListMultipartUploadsResult><Bucket>frames</Bucket>${uploads.join("")}</ListMultipartUploadsResult>`;
    server.onRequest = ({ method, url = "" }, response) => {
      if (method !== "GET" || !/[?&]uploads/.test(url)) return;
      response.writeHead(200, { "content-type": "application/xml" }).end(list);
    };
    await writeDataset(inputs, options("s3://frames/cleared"));
    const left = (await server.uploads()).filter((key) => key.startsWith("cleared/")).sort();
    assert.deepEqual(left, ["cleared/000001.tar", "cleared/000007.tar", "cleared/notes.bin"]);
  });

  it("keeps what the SDK signs with to itself", async () => {
    const body = `<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message><AWSAccessKeyId>${id}</AWSAccessKeyId></Error>`;
    server.onRequest = (_question, response) => {
      response.writeHead(403, { "content-type": "application/xml" }).end(body);
    };
    for (const set of [
      ["s3://frames/videos/changes.mp4", "--to", join(root, "refused")],
      [plain.path(), "--to", "s3://frames/refused"],
    ]) {
      const { code, stdout, stderr } = await framepool(["dataset", ...set, "--count", "2"], { env: env() });
      assert.equal(code, 1);
      assert.match(stderr, /SignatureDoesNotMatch: no \(E_IO\)/);
      assert.doesNotMatch(stdout + stderr, new RegExp(`${secret}|${id}`));
    }
    // It may be better the next time: nothing is said of the video for good.
    server.onRequest = () => undefined;
    const args = ["s3://frames/videos/changes.mp4", "--to", join(root, "refused"), "--count", "2"];
    assert.match((await framepool(["dataset", ...args], { env: env() })).stderr, /1 shard made, 0 samples/);
  });

  it("refuses what S3 cannot do, and addresses of nothing", async () => {
    for (const more of [
      { layout: "folders" },
      { shardBytes: 2 ** 40 },
      { to: "s3://" },
      { s3Endpoint: "here" },
    ] as const) {
      await assert.rejects(writeDataset(inputs, options("s3://frames/never", more)), FramepoolTypeError);
    }
    await rejection(writeDataset(inputs, options("s3://no-such-bucket/set")), "E_NOT_FOUND");
    await rejection(mergeDataset("s3://frames/nothing", { s3Endpoint: endpoint }), "E_NOT_FOUND");
  });

  it("is made by workers of a queue below the prefixes that they may use", async () => {
    const redis = await RedisServer.start(temporaryFolder());
    try {
      const queue = { redis: redis.url };
      const set = { select: { count: 4 }, inputsPerShard: 1 };
      const video = await server.put("in/a.mp4", readFileSync(plain.path()));
      const broken = await server.put("in/b.mp4", Buffer.from("broken"));
      const outside = await server.put("inside/c.mp4", readFileSync(plain.path()));
      await addDataset([video, broken], { ...set, to: "s3://frames/out/set" }, queue);
      await addDataset([outside], { ...set, to: "s3://frames/out/other" }, queue);
      await addDataset([video], { ...set, to: "s3://frames/outer" }, queue);
      await addDataset([video], { ...set, to: "s3://frames/out/../escaped" }, queue);
      await addDataset([plain.path()], { ...set, to: "s3://frames/out/local" }, queue);
      const roots = ["s3://frames/in", "s3://frames/out"];
      const done = await work(queue, { root: roots, pool, untilEmpty: true, s3Endpoint: endpoint });
      assert.deepEqual(done, { made: 2, kept: 0, failed: 4, samples: 4 });
      assert.deepEqual((await queueStatus(queue)).failures, { E_UNSUPPORTED_FORMAT: 1, E_ACCESS: 4 });
      const folder = join(root, "by-queue");
      await writeDataset([video, broken], { ...options(folder), ...set });
      assert.deepEqual(await server.contents("out/set"), contents(folder));
      assert.deepEqual(await server.contents("outer"), {});
    } finally {
      await redis.kill();
    }
  });
});
