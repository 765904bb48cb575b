import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Deadline, withDeadline } from "../../src/async/deadline.js";

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

  it("rejects with E_TIMEOUT and tells the read, whatever comes of that afterwards", async () => {
    const signals: AbortSignal[] = [];
    const reading = withDeadline(5, new AbortController().signal, (signal) => {
      signals.push(signal);
      return new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("the read's own")));
      });
    });
    await assert.rejects(reading, { code: "E_TIMEOUT" });
    assert.equal((signals[0]?.reason as { code?: unknown }).code, "E_TIMEOUT");
  });

  it("rejects with the caller's reason at once, and leaves no listener behind", async () => {
    const caller = new AbortController();
    const reason = new Error("enough");
    const reading = withDeadline(60_000, caller.signal, () => new Promise<never>(() => undefined));
    assert.equal(getEventListeners(caller.signal, "abort").length, 1);
    caller.abort(reason);
    await assert.rejects(reading, (error) => error === reason);
    await assert.rejects(
      withDeadline(60_000, caller.signal, () => "not begun"),
      (error) => error === reason,
    );
    const { signal } = new AbortController();
    assert.equal(await withDeadline(60_000, signal, () => "there"), "there");
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("begins again with each piece, for whoever waits then", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const deadline = new Deadline((milliseconds) => new Error(`late after ${String(milliseconds)}`));
    for (let piece = 0; piece < 20; piece++) deadline.begin(1, first.signal);
    deadline.begin(60_000, second.signal);
    first.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(deadline.signal.aborted, false);
    deadline.begin(2, second.signal);
    await new Promise((resolve) => deadline.signal.addEventListener("abort", resolve));
    assert.equal((deadline.signal.reason as Error).message, "late after 2");
    assert.equal(getEventListeners(second.signal, "abort").length, 0);
  });
});
