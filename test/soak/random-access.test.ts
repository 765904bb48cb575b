import assert from "node:assert/strict";
import { test } from "node:test";
import { generatedFiles } from "./media.js";
import { soak } from "./random-access.js";

const files = generatedFiles();
// Another one each time: what it finds is repeated by its seed.
const anySeed = Math.floor(Math.random() * 2 ** 32);

for (const [seed, accesses] of [
  [20240607, 1500],
  [anySeed, 1000],
] as const) {
  test(`${accesses} random accesses give what decoding from start to end gives, seed ${seed}`, async () => {
    const result = await soak({ seed, accesses, files, roundLength: 300 });
    assert.deepEqual(result.wrong, []);
    assert.ok(result.accesses >= accesses);
  });
}
