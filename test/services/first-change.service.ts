import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { blocksOf } from "../support/pages.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** What a clone has not, and what the set-up would make again. */
const left = /^(node_modules|\.git|dist\/(docs|media|packages|test\/[^/]*-(run|check)))(\/|$)/;

test("the first change that CONTRIBUTING walks through is red, then green", async () => {
  const walk = /^## Your first change.*?(?=^## )/ms.exec(await readFile(join(root, "CONTRIBUTING.md"), "utf8"));
  const [change, mend] = blocksOf(walk?.[0] ?? "");
  assert.ok(change !== undefined && mend !== undefined);
  const clone = await mkdtemp(join(tmpdir(), "framepool-change-"));
  try {
    await cp(root, clone, { recursive: true, filter: (path) => !left.test(relative(root, path)) });
    await symlink(join(root, "node_modules"), join(clone, "node_modules"));
    const red = follow(change.code, clone);
    assert.equal(red.status, 1, red.said);
    assert.match(red.said, /--format is one of png, jpeg, webp, not "gif"/);
    const green = follow(mend.code, clone);
    assert.equal(green.status, 0, green.said);
  } finally {
    await rm(clone, { recursive: true });
  }
});

function follow(code: string, clone: string): { readonly status: number | null; readonly said: string } {
  // A test runner within one reports to that one, and not to its reader.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const done = spawnSync("sh", ["-e", "-c", code], { cwd: clone, env, encoding: "utf8" });
  return { status: done.status, said: `${done.stdout}${done.stderr}` };
}
