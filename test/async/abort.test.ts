import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { LinkedAbort, onAbort, unlessAborted } from "../../src/async/abort.js";

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

describe("work that is waited for unless a signal aborts", () => {
  it("is what is told, and the signal forgets it in the same moment", async () => {
    const { signal } = new AbortController();
    let left = 0;
    const waits = [Promise.resolve(1), Promise.reject<number>(new Error("no"))].map((work) =>
      unlessAborted(work, signal, () => left++),
    );
    const outcomes = await Promise.allSettled(waits);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    assert.deepEqual([left, listeners(signal)], [0, 0]);
  });

  it("is left at once, with the signal's reason, and may fail in silence", async () => {
    const controller = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    let left = 0;
    const work = new Promise<never>((_, reject) => (fail = reject));
    const waiting = unlessAborted(work, controller.signal, () => left++);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    fail(new Error("too late"));
    await assert.rejects(
      unlessAborted(work, controller.signal, () => left++),
      (error) => error === reason,
    );
    assert.equal(left, 2);
  });

  it("is never both done and left: who is told that it is done was not left", async () => {
    const controller = new AbortController();
    let left = 0;
    const waiting = unlessAborted(Promise.resolve("done"), controller.signal, () => left++);
    const seen = waiting.then((value) => {
      controller.abort();
      return value;
    });
    assert.deepEqual([await seen, left], ["done", 0]);
  });
});
