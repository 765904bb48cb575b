import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { addDataset, queuedShards, shardPicture, work } from "../../src/queue/index.js";
import { intra, plain } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { rejection, testPool } from "../api/support/pool.js";
import { get, getJson, served } from "../cli/view/support.js";
import { framepool } from "../cli/support.js";
import { samplesOf } from "../dataset/support.js";
import { assertAccessible, testBrowser } from "./browser.js";
import { RedisServer } from "./redis-server.js";

describe("the page of a queue", () => {
  const open = testBrowser();
  const root = temporaryFolder();
  const pool = testPool();
  let server: RedisServer;
  let redis = "";
  before(async () => {
    server = await RedisServer.start(temporaryFolder());
    redis = server.url;
    copyFileSync(plain.path(), join(root, "0.mp4"));
    copyFileSync(intra.path(), join(root, "1.mp4"));
  });
  after(async () => server.kill());
  const set = { to: "set", select: { count: 3 }, inputsPerShard: 1 };

  it("shows live what is done, what went wrong, and pictures of the latest samples", async () => {
    const queue = { redis, name: "page" };
    await addDataset(["0.mp4", "1.mp4", "missing.mp4"], set, queue);
    await addDataset(["0.mp4"], { ...set, to: "../elsewhere" }, queue);
    const { address, end } = await served(["queue", "serve", "--queue", "page", "--root", root], {
      ...process.env,
      FRAMEPOOL_REDIS: redis,
    });
    const { page, close } = await open(address);
    await page.getByText("0 of 4 shards").waitFor();
    assert.equal(await page.locator("#shards tr").count(), 4);
    assert.ok(await page.locator("#latest").isHidden());
    await work(queue, { root, pool, untilEmpty: true });
    await page.getByText("3 of 4 shards").waitFor();
    await page.locator("#shards tr", { hasText: "outside of what this worker may use (root) (E_ACCESS)" }).waitFor();
    await page.locator("#shards tr", { hasText: "1 could not be read" }).waitFor();
    assert.match((await page.locator("#counts").textContent()) ?? "", /Given up1Samples6.*E_NOT_FOUND1.*E_ACCESS1/);
    for (const shard of ["000000", "000001"]) {
      const image = page.getByAltText(`A picture of shard ${shard}`);
      await image.waitFor();
      const width = await image.evaluate(async (element) => {
        const picture = element as unknown as { readonly naturalWidth: number; decode(): Promise<void> };
        await picture.decode();
        return picture.naturalWidth;
      });
      assert.ok(width > 0);
    }
    assert.equal(await page.locator("#pictures img").count(), 2);
    await assertAccessible(page);
    const shot = process.env["FRAMEPOOL_TEST_SCREENSHOT"];
    if (shot !== undefined) await page.screenshot({ path: shot });
    await close();
    assert.equal((await end()).code, 0);
  });

  it("is nobody's without its address, and gives nothing away but pictures of shards", async () => {
    const queue = { redis, name: "page" };
    const { address, end } = await served(["queue", "serve", "--queue", "page", "--redis", redis, "--root", root]);
    const { origin } = new URL(address);
    assert.equal((await get(`${origin}/wrong/queue`)).status, 403);
    assert.equal((await get(`${address}queue`, { host: "somebody.example" })).status, 403);
    assert.equal((await get(`${address}picture?id=../../0.mp4`)).status, 400);
    assert.equal((await get(`${address}picture?id=${"0".repeat(32)}`)).status, 404);
    const shards = await queuedShards(queue);
    assert.deepEqual(shards.map(({ state }) => state).sort(), ["done", "done", "done", "failed"]);
    const done = shards.find(({ shard, state }) => shard === "000000" && state === "done");
    const { status, headers, body } = await get(`${address}picture?id=${done?.id ?? ""}`);
    assert.deepEqual([status, headers["content-type"]], [200, "image/jpeg"]);
    const [sample] = await samplesOf(join(root, "set", "000000.tar"));
    assert.deepEqual(new Uint8Array(body), sample?.files["jpg"]);
    const failed = shards.find(({ state }) => state === "failed");
    const refused = await getJson<{ error: { code: string } }>(`${address}picture?id=${failed?.id ?? ""}`);
    assert.equal(refused.error.code, "E_ACCESS");
    // A link that was put in the place of a shard.
    const narrow = join(root, "narrow");
    mkdirSync(join(narrow, "set"), { recursive: true });
    symlinkSync(join(root, "set", "000000.tar"), join(narrow, "set", "000000.tar"));
    await rejection(shardPicture(queue, done?.id ?? "", { root: narrow }), "E_ACCESS");
    // Without a root there are no pictures at all.
    await end();
    const bare = await served(["queue", "serve", "--queue", "page", "--redis", redis]);
    assert.equal((await get(`${bare.address}picture?id=${done?.id ?? ""}`)).status, 404);
    assert.equal((await getJson<{ done: number }>(`${bare.address}queue`)).done, 3);
    await bare.end();
  });

  it("says in one line what is wrong with the port", async () => {
    const { address, end } = await served(["queue", "serve", "--redis", redis]);
    const port = new URL(address).port;
    const { code, stderr } = await framepool(["queue", "serve", "--redis", redis, "--port", port]);
    assert.deepEqual([code, stderr.split(":")[1]], [2, ` port ${port} is taken`]);
    await end();
  });
});
