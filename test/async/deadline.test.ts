import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { withDeadline } from "../../src/async/deadline.js";

describe("a deadline", () => {
  it("that is longer than a timer can hold does not pass at once", async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error): number => warnings.push(warning);
    process.on("warning", listener);
    const begin = performance.now();
    const answer = await withDeadline(10 * 2 ** 31, new AbortController().signal, async () => {
      // A timer that overflows fires after a millisecond.
      while (performance.now() - begin < 20) await turn();
      return "there";
    });
    await turn();
    process.off("warning", listener);
    assert.equal(answer, "there");
    assert.deepEqual(warnings, []);
  });
});
