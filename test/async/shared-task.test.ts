import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turns } from "node:timers/promises";
import { SharedTask } from "../../src/async/shared-task.js";

describe("work that several wait for", () => {
  it("goes on while one of them waits, and is given up with the last", async () => {
    let lost = 0;
    const signals: AbortSignal[] = [];
    const task = new SharedTask<string>(
      (signal) => {
        signals.push(signal);
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        });
      },
      () => lost++,
    );
    const [a, b] = [new AbortController(), new AbortController()];
    const [first, second] = [task.wait(a.signal), task.wait(b.signal)];
    const [one, two] = [new Error("one"), new Error("two")];
    a.abort(one);
    await assert.rejects(first, (error) => error === one);
    await turns();
    assert.deepEqual([signals[0]?.aborted, lost], [false, 0]);
    b.abort(two);
    await assert.rejects(second, (error) => error === two);
    assert.equal(signals[0]?.reason, two);
    await turns();
    assert.equal(lost, 1);
  });
});
