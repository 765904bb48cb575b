import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RequestQueue } from "../../src/async/request-queue.js";

const never = new AbortController().signal;

/** A request that is over when it is told to be. */
function request(began: string[], name: string): { run: () => Promise<string>; end: () => void } {
  let end = (): void => undefined;
  const over = new Promise<string>((resolve) => (end = () => resolve(name)));
  return {
    run: () => {
      began.push(name);
      return over;
    },
    end: () => end(),
  };
}

describe("requests of which a bounded number runs at once", () => {
  it("wait in order, the urgent ones in front", async () => {
    const queue = new RequestQueue(1);
    const began: string[] = [];
    const all = ["first", "second", "third", "urgent", "urgent too"].map((name) => request(began, name));
    const runs = all.map(({ run }, i) => queue.run(i > 2, never, run));
    for (const { end } of all) end();
    await Promise.all(runs);
    assert.deepEqual(began, ["first", "urgent", "urgent too", "second", "third"]);
  });

  it("give their place back however they end, and one that is given up keeps no place and never begins", async () => {
    const queue = new RequestQueue(1);
    const began: string[] = [];
    const [first, second, third] = ["first", "second", "third"].map((name) => request(began, name));
    const running = queue.run(false, never, first!.run);
    const abort = new AbortController();
    const given = queue.run(false, abort.signal, second!.run);
    const last = queue.run(false, never, third!.run);
    const reason = new Error("enough");
    abort.abort(reason);
    await assert.rejects(given, (error) => error === reason);
    first!.end();
    await running;
    third!.end();
    assert.equal(await last, "third");
    await assert.rejects(queue.run(false, never, () => Promise.reject(reason)));
    assert.equal(await queue.run(false, never, () => Promise.resolve("again")), "again");
    assert.deepEqual(began, ["first", "third"]);
  });

  it("hand the place on that came in the moment when its turn was given up", async () => {
    const queue = new RequestQueue(1);
    const began: string[] = [];
    const [first, second, third] = ["first", "second", "third"].map((name) => request(began, name));
    const running = queue.run(false, never, first!.run);
    const abort = new AbortController();
    const given = queue.run(false, abort.signal, second!.run);
    const last = queue.run(false, never, third!.run);
    // The place is freed, and before the second request notices it, nobody wants it any more.
    abort.signal.addEventListener("abort", () => undefined);
    first!.end();
    abort.abort(new Error("enough"));
    await Promise.allSettled([running, given]);
    third!.end();
    assert.equal(await last, "third");
  });
});
