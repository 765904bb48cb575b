import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Mover, type MoverTask } from "../../src/cli/mover.js";
import { installedCopy } from "./installed.js";
import { temporaryFolder } from "./support.js";

const folder = temporaryFolder();
const mover = new Mover();
after(() => mover.close());

/** Files that are there, to be moved. */
function filesOf(count: number): MoverTask & { readonly arrived: () => number } {
  const [to, aside] = [mkdtempSync(join(folder, "to-")), mkdtempSync(join(folder, "aside-"))];
  const names = Array.from({ length: count }, (_, i) => `${i}.jpg`);
  const from = names.map((name) => join(aside, name));
  for (const path of from) writeFileSync(path, "");
  return { to, names, from, emptied: aside, arrived: () => names.filter((name) => existsSync(join(to, name))).length };
}

test("of moves that are asked for at the same time, each has its own end and its own failure", async () => {
  const [few, wrong, many] = [filesOf(1), filesOf(2), filesOf(3000)];
  mkdirSync(join(wrong.to, "1.jpg"));
  const move = ({ to, names, from, emptied }: MoverTask): Promise<void> => mover.move({ to, names, from, emptied });
  const failed = assert.rejects(move(wrong), (error: Error) => {
    assert.match(error.message, /to-[^:]*1\.jpg: cannot be written: /);
    return error.name === "OutputError";
  });
  const done = [few, many].map(async (files) => {
    await move(files);
    return files.arrived();
  });
  await failed;
  assert.deepEqual(await Promise.all(done), [1, 3000]);
  assert.equal(wrong.arrived(), 2);
  // What could not be moved is still there.
  assert.deepEqual(
    [few, wrong, many].map(({ emptied }) => existsSync(emptied)),
    [false, true, false],
  );
});

test("where the thread fails, so does the move, and what waits for it; the next has a new thread", async () => {
  const root = installedCopy({ addon: false });
  const thread = join(root, "dist/src/cli/mover-thread.js");
  renameSync(thread, `${thread}.aside`);
  const copy = (await import(pathToFileURL(join(root, "dist/src/cli/mover.js")).href)) as { Mover: typeof Mover };
  const copied = new copy.Mover();
  const { arrived, ...files } = filesOf(1);
  await Promise.all([1, 2].map(() => assert.rejects(copied.move(files), /mover-thread\.js/)));
  renameSync(`${thread}.aside`, thread);
  await copied.move(files);
  assert.equal(arrived(), 1);
  await copied.close();
});
