// Several runs may write one shard at the same moment: a worker that was taken for lost goes on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { it } from "node:test";
import { temporaryFolder } from "../api/support/files.js";

const module = new URL("../../src/dataset/shard-files.js", import.meta.url).href;
const script = `
  import { FolderShard } from ${JSON.stringify(module)};
  for (let i = 0; i < 300; i++) {
    const shard = new FolderShard(process.argv[1], "000000");
    await shard.add([{ name: "a", data: new Uint8Array(1) }, { name: "b", data: new Uint8Array(1) }]);
    await shard.seal();
    await shard.appear();
  }`;

it("one folder by three processes: each is told that it appeared, and it is whole", async () => {
  const folder = temporaryFolder();
  const run = (): unknown =>
    once(spawn(process.execPath, ["--input-type=module", "--eval", script, folder], { stdio: "inherit" }), "exit");
  const ends = await Promise.all([run(), run(), run()]);
  assert.deepEqual(ends, [
    [0, null],
    [0, null],
    [0, null],
  ]);
  assert.deepEqual(readdirSync(folder), ["000000"]);
  assert.deepEqual(readdirSync(`${folder}/000000`).sort(), ["a", "b"]);
});
