import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { writeDataset } from "../../src/dataset/index.js";
import { intra, plain, plainMkv } from "../api/support/clips.js";
import { temporaryFolder } from "../api/support/files.js";
import { testPool } from "../api/support/pool.js";
import { seededRandom } from "../../src/protocol/random.js";
import { contents } from "./support.js";

const library = new URL("../../src/dataset/index.js", import.meta.url).href;
/** FRAMEPOOL_TEST_KILLS: how often a run is killed. */
const kills = Number(process.env["FRAMEPOOL_TEST_KILLS"] ?? 12);

it(`killed ${String(kills)} times at random moments, it has every sample once, and nothing beside them`, async () => {
  const root = temporaryFolder();
  const inputs = Array.from({ length: 24 }, (_, i) => [plain.path(), plainMkv(), intra.path()][i % 3] ?? "");
  const options = { select: { count: 6 }, inputsPerShard: 3 };
  const [undisturbed, disturbed] = [join(root, "undisturbed"), join(root, "disturbed")];
  const began = performance.now();
  await writeDataset(inputs, { ...options, to: undisturbed, pool: testPool({ workers: 2 }) });
  const whole = performance.now() - began + 500;
  const script = `
    import { writeDataset } from ${JSON.stringify(library)};
    const [inputs, options] = JSON.parse(process.argv[1]);
    await writeDataset(inputs, options);`;
  const run = (): ReturnType<typeof spawn> =>
    spawn(
      process.execPath,
      ["--input-type=module", "--eval", script, JSON.stringify([inputs, { ...options, to: disturbed }])],
      {
        stdio: "inherit",
      },
    );
  const random = seededRandom(kills);
  for (let i = 0; i < kills; i++) {
    const child = run();
    const exited = once(child, "exit");
    const timer = setTimeout(() => child.kill("SIGKILL"), random() * whole);
    await exited;
    clearTimeout(timer);
  }
  assert.deepEqual(await once(run(), "exit"), [0, null]);
  assert.ok(readdirSync(disturbed).every((name) => !name.endsWith(".part")));
  assert.deepEqual(contents(disturbed), contents(undisturbed));
});
