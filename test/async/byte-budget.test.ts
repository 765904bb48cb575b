import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ByteBudget, takeAll } from "../../src/async/byte-budget.js";

const never = new AbortController().signal;

describe("bytes that may be held at a time", () => {
  it("are given in order: nobody overtakes one that waits for more", async () => {
    const budget = new ByteBudget(10);
    const giveBack = await budget.take(6, never);
    const given: string[] = [];
    const take = async (name: string, bytes: number): Promise<() => void> => {
      const end = await budget.take(bytes, never);
      given.push(name);
      return end;
    };
    const [large, small] = [take("large", 8), take("small", 2)];
    await turn();
    assert.deepEqual(given, []);
    giveBack();
    giveBack();
    await Promise.all([large, small]);
    assert.deepEqual(given, ["large", "small"]);
    // What was given back twice counts once.
    assert.equal(budget.taken, 10);
  });

  it("are all given to one that wants more than there are, when nobody else holds any", async () => {
    const budget = new ByteBudget(10);
    const giveBack = await budget.take(1, never);
    const huge = budget.take(1000, never);
    giveBack();
    (await huge)();
    (await budget.take(10, never))();
  });

  it("are not kept by one that gives up: while it waits, or in the moment when its turn comes", async () => {
    const budget = new ByteBudget(10);
    const reason = new Error("enough");
    const [waiting, turning] = [new AbortController(), new AbortController()];
    const giveBack = await budget.take(10, never);
    const [first, second] = [budget.take(10, waiting.signal), budget.take(10, turning.signal)];
    waiting.abort(reason);
    await assert.rejects(first, (error) => error === reason);
    giveBack();
    turning.abort(reason);
    await Promise.allSettled([second]);
    await assert.rejects(second, (error) => error === reason);
    (await budget.take(10, never))();
    await assert.rejects(budget.take(1, waiting.signal), (error) => error === reason);
  });

  it("of several budgets are taken together or not at all", async () => {
    const [own, all] = [new ByteBudget(10), new ByteBudget(10)];
    const giveBack = await all.take(10, never);
    const leaving = new AbortController();
    const waiting = takeAll([own, all], 10, leaving.signal);
    await turn();
    leaving.abort(new Error("enough"));
    await assert.rejects(waiting);
    (await own.take(10, never))();
    giveBack();
    (await takeAll([own, all], 10, never))();
    (await all.take(10, never))();
  });
});
