import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BoundedPull } from "../../src/async/bounded-pull.js";
import { WakeUp } from "../../src/async/wake-up.js";

interface Pulled {
  readonly pull: BoundedPull<number>;
  readonly taken: number[];
  room: number;
  readonly rested: WakeUp;
}

function pulling(source: AsyncIterator<number, unknown>, room: number): Pulled {
  const taken: number[] = [];
  const rested = new WakeUp();
  const take = (item: number): void => {
    taken.push(item);
  };
  const pulled: Pulled = {
    pull: new BoundedPull(
      source,
      () => taken.length < pulled.room,
      take,
      () => rested.wake(),
    ),
    taken,
    room,
    rested,
  };
  return pulled;
}

describe("a bounded pull", () => {
  it("takes what there is room for, one after the other, and goes on when there is more", async () => {
    let asked = 0;
    async function* source(): AsyncGenerator<number, void, undefined> {
      for (; asked < 5;) yield asked++;
    }
    const pulled = pulling(source(), 2);
    const { pull, taken, rested } = pulled;
    pull.pull();
    pull.pull();
    await rested.wait();
    assert.deepEqual([taken, asked, pull.isOver], [[0, 1], 2, false]);
    pulled.room = 10;
    pull.pull();
    await rested.wait();
    assert.deepEqual([taken, pull.isOver, pull.failure], [[0, 1, 2, 3, 4], true, undefined]);
  });

  it("ends the source, and waits for its end, when something cannot be taken; that is what it keeps", async () => {
    const wrong = new Error("cannot be taken");
    let ended = false;
    async function* source(): AsyncGenerator<number, void, undefined> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await turn();
        ended = true;
      }
    }
    const rested = new WakeUp();
    const taken: number[] = [];
    const take = (item: number): void => {
      if (item === 2) throw wrong;
      taken.push(item);
    };
    const pull = new BoundedPull(
      source(),
      () => true,
      take,
      () => rested.wake(),
    );
    pull.pull();
    await rested.wait();
    assert.deepEqual([taken, pull.isOver, pull.failure, ended], [[0, 1], true, { error: wrong }, true]);
  });

  it("keeps what the source throws, after what came before", async () => {
    const broken = new Error("broken");
    async function* source(): AsyncGenerator<number, void, undefined> {
      yield 1;
      throw broken;
    }
    const { pull, taken, rested } = pulling(source(), 10);
    pull.pull();
    await rested.wait();
    assert.deepEqual([taken, pull.isOver, pull.failure?.error], [[1], true, broken]);
    await pull.stop();
  });

  it("ends the source when it is stopped, and tells what its end throws", async () => {
    const broken = new Error("its end");
    async function* source(): AsyncGenerator<number, void, undefined> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        await Promise.reject(broken);
      }
    }
    const { pull, rested } = pulling(source(), 1);
    pull.pull();
    await rested.wait();
    await assert.rejects(pull.stop(), (error) => error === broken);
    await pull.stop();
  });

  it("waits for nothing when it is stopped while the source has not answered, and drops what comes then", async () => {
    let answer: (item: number) => void = () => undefined;
    let ended = false;
    async function* source(): AsyncGenerator<number, void, undefined> {
      try {
        for (;;) yield await new Promise<number>((resolve) => (answer = resolve));
      } finally {
        ended = true;
      }
    }
    const { pull, taken } = pulling(source(), 10);
    pull.pull();
    await turn();
    await pull.stop();
    assert.equal(ended, false);
    answer(7);
    await turn();
    assert.deepEqual([taken, ended], [[], true]);
  });
});
