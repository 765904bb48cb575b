import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Inputs } from "../../src/cli/inputs.js";
import { temporaryFolder } from "./support.js";

const folder = temporaryFolder();

async function namesOf(inputs: Inputs, closeAtFirst: boolean): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of inputs) {
    if (closeAtFirst) inputs.close();
    names.push(name);
  }
  return names;
}

test("a folder is looked through to its end, or until the inputs are closed, whether videos are found or not", async () => {
  const names = ["a.mp4", ...Array.from({ length: 500 }, (_, i) => join(`b${i}`, "notes.txt")), "z.mp4"];
  for (const name of names) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
  const paths = ["a.mp4", "z.mp4"].map((name) => join(folder, name));
  const all = await namesOf(new Inputs([folder]), false);
  assert.deepEqual(all.sort(), paths);
  const some = new Inputs([folder]);
  assert.equal((await namesOf(some, true)).length, 1);
});
