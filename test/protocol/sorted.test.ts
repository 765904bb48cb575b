import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../src/protocol/random.js";
import { sorted } from "../../src/protocol/sorted.js";

describe("values in ascending order", () => {
  for (const [count, most] of [
    [0, 1],
    [1, 5],
    [63, 10],
    [64, 10],
    [5000, 200],
    [5000, 2 ** 16 - 1],
    [5000, 2 ** 16],
    [5000, 2 ** 17 + 3],
    [5000, 2 ** 31 - 1],
  ] as const) {
    it(`keeps equal ones as they came: ${String(count)} up to ${String(most)}`, () => {
      const random = seededRandom(count + most);
      const given = Int32Array.from({ length: count }, () => Math.floor(random() * (most + 1)));
      if (count > 1) given[count >> 1] = most;
      const expected = [...given.keys()].sort((a, b) => (given[a] ?? 0) - (given[b] ?? 0) || a - b);
      const { values, positions } = sorted(given, most + 1);
      assert.deepEqual([...positions], expected);
      assert.deepEqual(
        [...values],
        expected.map((i) => given[i]),
      );
    });
  }

  it("leaves a list alone that ascends, and makes its own", () => {
    const given = Int32Array.from({ length: 100 }, (_, i) => i * 3);
    const { values, positions } = sorted(given, 300);
    assert.deepEqual([...positions], [...given.keys()]);
    assert.deepEqual(values, given);
    assert.notEqual(values.buffer, given.buffer);
  });
});
