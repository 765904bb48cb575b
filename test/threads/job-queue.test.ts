import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JobQueue, type Waiting } from "../../src/threads/job-queue.js";

interface Job extends Waiting {
  readonly name: string;
}

const job = (name: string, { prefer = [] as number[], pin = undefined as number | undefined } = {}): Job => ({
  name,
  prefer: new Set(prefer),
  pin,
});

function queueOf(...jobs: readonly Job[]): JobQueue<Job> {
  const queue = new JobQueue<Job>();
  for (const one of jobs) queue.add(one);
  return queue;
}

const taken = (queue: JobQueue<Job>, slot: number, count: number): (string | undefined)[] =>
  Array.from({ length: count }, () => queue.take(slot)?.name);

describe("the queue of jobs", () => {
  it("gives the oldest first, and ends", () => {
    const queue = queueOf(job("a"), job("b"), job("c"));
    assert.deepEqual(taken(queue, 0, 4), ["a", "b", "c", undefined]);
    assert.equal(queue.length, 0);
  });

  it("gives a slot what it is prepared for before older jobs", () => {
    const queue = queueOf(job("a"), job("b", { prefer: [1] }), job("c", { prefer: [2] }));
    assert.deepEqual(taken(queue, 2, 1), ["c"]);
    assert.deepEqual(taken(queue, 1, 2), ["b", "a"]);
  });

  it("lets the oldest be overtaken four times, and no more", () => {
    const queue = queueOf(job("old"), ...Array.from({ length: 6 }, (_, i) => job(String(i), { prefer: [1] })));
    assert.deepEqual(taken(queue, 1, 6), ["0", "1", "2", "3", "old", "4"]);
  });

  it("looks only so far past older jobs", () => {
    const queue = queueOf(...Array.from({ length: 16 }, (_, i) => job(String(i))), job("far", { prefer: [1] }));
    assert.deepEqual(taken(queue, 1, 2), ["0", "far"]);
  });

  it("keeps a job for the slot that it is pinned to, in its turn, until that is gone", () => {
    const queue = queueOf(job("a"), job("pinned", { pin: 1 }), job("b"), job("c"));
    assert.deepEqual(taken(queue, 2, 1), ["a"]);
    queue.unpin(1);
    assert.deepEqual(taken(queue, 2, 3), ["pinned", "b", "c"]);
    const other = queueOf(job("pinned", { pin: 1 }));
    assert.deepEqual(taken(other, 2, 1), [undefined]);
    assert.deepEqual(taken(other, 1, 1), ["pinned"]);
  });

  it("gives what was put back before all others, however often the oldest was overtaken", () => {
    const queue = queueOf(job("old"), ...Array.from({ length: 4 }, (_, i) => job(String(i), { prefer: [1] })));
    assert.deepEqual(taken(queue, 1, 4), ["0", "1", "2", "3"]);
    queue.putBack(job("back", { pin: 1 }));
    queue.putBack(job("again"));
    assert.deepEqual(taken(queue, 1, 3), ["back", "again", "old"]);
  });

  it("gives none where the one whose turn it is does not suit", () => {
    const queue = queueOf(job("long"), job("brief"));
    assert.equal(
      queue.take(0, ({ name }) => name === "brief"),
      undefined,
    );
    assert.equal(queue.length, 2);
  });

  it("forgets what is removed, once", () => {
    const [a, b, c] = [job("a"), job("b"), job("c", { pin: 3 })];
    const queue = queueOf(a, b, c);
    assert.deepEqual([queue.remove(b), queue.remove(b), queue.remove(c)], [true, false, true]);
    assert.deepEqual(taken(queue, 3, 2), ["a", undefined]);
  });

  it("is cleared in the order in which jobs came", () => {
    const queue = queueOf(job("a"), job("b", { pin: 1 }), job("c"));
    queue.putBack(job("first"));
    assert.deepEqual(
      queue.clear().map(({ name }) => name),
      ["first", "a", "b", "c"],
    );
    assert.deepEqual([queue.length, queue.take(1)], [0, undefined]);
  });

  it("takes as long for each of many jobs as for each of few, whatever is done with them", () => {
    // Of the processors': others are at work beside.
    const timed = (count: number): number => {
      const jobs = Array.from({ length: count }, (_, i) => job(String(i), i % 3 === 0 ? { pin: i % 7 } : {}));
      const begin = process.cpuUsage();
      const queue = queueOf(...jobs);
      for (const one of jobs) if (Number(one.name) % 5 === 0) queue.remove(one);
      // A slot to which nothing is pinned and that nothing prefers looks in vain each time.
      while (queue.take(100) !== undefined);
      for (let slot = 0; slot < 7; slot++) while (queue.take(slot) !== undefined);
      assert.equal(queue.length, 0);
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1000;
    };
    timed(20_000);
    const few = Math.min(timed(20_000), timed(20_000), timed(20_000));
    const many = Math.min(timed(80_000), timed(80_000), timed(80_000));
    // Four times as many; each beside all others would be sixteen times as long.
    assert.ok(many < 10 * few, `${String(many)} ms for 80,000, ${String(few)} ms for 20,000`);
  });
});
