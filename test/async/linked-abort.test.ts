import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { LinkedAbort, onAbort } from "../../src/async/linked-abort.js";

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("what waits for a signal", () => {
  it("is told of the abort once, and leaves nothing behind", () => {
    const controller = new AbortController();
    const told: string[] = [];
    const first = onAbort(controller.signal, () => told.push("first"));
    onAbort(controller.signal, () => told.push("second"));
    assert.equal(listeners(controller.signal), 1);
    first();
    first();
    controller.abort();
    assert.deepEqual(told, ["second"]);
    assert.equal(listeners(controller.signal), 0);
  });

  it("takes its listener away with the last one", () => {
    const { signal } = new AbortController();
    const ends = [1, 2, 3].map(() => onAbort(signal, () => undefined));
    for (const end of ends) {
      assert.equal(listeners(signal), 1);
      end();
    }
    assert.equal(listeners(signal), 0);
  });

  it("may be a controller of several signals, which forget it when it is unlinked or aborted", () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const unlinked = new LinkedAbort(a.signal, undefined, b.signal);
    unlinked.unlink();
    const aborted = new LinkedAbort(a.signal, b.signal);
    b.abort("why");
    assert.equal(aborted.signal.reason, "why");
    assert.equal(unlinked.signal.aborted, false);
    assert.deepEqual([listeners(a.signal), listeners(b.signal)], [0, 0]);
    assert.equal(new LinkedAbort(a.signal, b.signal).signal.reason, "why");
    assert.equal(listeners(a.signal), 0);
  });
});
