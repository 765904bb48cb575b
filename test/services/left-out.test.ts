import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../api/support/files.js";

const script = fileURLToPath(new URL("./run.js", import.meta.url));

/** On a machine whose package manager, if it has one, cannot install anything. */
function run(words: readonly string[], manager?: string): { readonly status: number | null; readonly said: string } {
  const folder = temporaryFolder();
  const path = join(folder, "bin");
  mkdirSync(path);
  if (manager !== undefined) {
    for (const name of ["sudo", manager]) writeFileSync(join(path, name), "#!/bin/sh\nexit 100\n", { mode: 0o755 });
  }
  const env = { ...process.env, PATH: path, XDG_CACHE_HOME: join(folder, "cache"), NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { env, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
}

describe("tests of services whose servers are not there", () => {
  it("are left out, in one line that names them, where only what is possible is asked for", () => {
    for (const manager of [undefined, "apt-get"]) {
      const { status, said } = run(["--where-possible", "queue", "sprite-player", "webdataset"], manager);
      const lines = said.split("\n").filter((line) => /left out/.test(line));
      assert.equal(status, 0, said);
      assert.deepEqual(lines, [
        "framepool: left out of the tests of services, since redis-server, chromium, webdataset could not be installed: " +
          "queue-page, queue-watch, queue, sprite-player, webdataset",
      ]);
    }
  });

  it("are a failure else, which says what to install", () => {
    const { status, said } = run(["webdataset"]);
    assert.equal(status, 1);
    assert.match(said, /as one who may: .*pip install 'webdataset==/);
  });
});
