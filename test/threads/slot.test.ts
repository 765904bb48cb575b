import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SlotSignals } from "../../src/threads/slot-signals.js";
import { Slot, mostReaders } from "../../src/threads/slot.js";
import { placeOf } from "../../src/protocol/job.js";

describe("a slot", () => {
  it("runs one job and has the next at hand, which runs when the first ends", () => {
    const slot = new Slot<string>(0);
    const [a, b] = [slot.give("a"), slot.give("b")];
    assert.deepEqual([slot.running?.task, slot.next?.task], ["a", "b"]);
    assert.notEqual(placeOf(0, a.ticket), placeOf(0, b.ticket));
    assert.ok(slot.end(a));
    assert.deepEqual([slot.running?.task, slot.next?.task], ["b", undefined]);
    assert.equal(slot.end(a), false, "it is not the slot's any more");
    assert.ok(slot.end(b));
    assert.equal(slot.running, undefined);
  });

  it("knows the readers that its worker has open, of each kind, and forgets the one used longest ago", () => {
    const slot = new Slot<string>(0);
    const use = (key: string): void => {
      slot.asks(key);
      assert.ok(slot.holds(key));
      slot.opened(key, "pictures");
    };
    for (let i = 0; i < mostReaders; i++) use(String(i));
    slot.asks("sound");
    slot.opened("sound", "sound");
    use("0");
    use("one more");
    assert.deepEqual(
      [slot.holds("0"), slot.holds("1"), slot.holds("2"), slot.holds("sound")],
      [true, false, true, true],
    );
  });

  it("counts on nothing of a job that failed or of a reader that is to be closed", () => {
    const slot = new Slot<string>(0);
    slot.asks("a");
    assert.ok(slot.forget("a"));
    slot.opened("a", "pictures");
    assert.equal(slot.holds("a"), false, "it was to be closed meanwhile");
    slot.asks("b");
    slot.opened("b", "pictures");
    slot.doubt("b");
    assert.ok(slot.holds("b"), "it may be open still");
    slot.forgetAll();
    assert.equal(slot.holds("b"), false);
    assert.equal(slot.forget("b"), false);
  });
});

describe("the signals of slots", () => {
  it("let a job be taken back until it has begun, once", () => {
    const signals = new SlotSignals(2);
    assert.ok(signals.hasPlace(1, 3));
    signals.wait(1, 3);
    assert.equal(signals.hasPlace(1, 5), false);
    assert.ok(signals.hasPlace(1, 4));
    assert.equal(signals.takeBack(1, 5), false);
    assert.ok(signals.takeBack(1, 3));
    assert.equal(signals.takeBack(1, 3), false);
  });

  it("are those of no job after a thread's end", () => {
    const signals = new SlotSignals(2);
    signals.wait(0, 1);
    signals.wait(1, 1);
    Atomics.store(signals.stalled, 0, 1);
    assert.equal(signals.isWorking(0), false);
    signals.reset(0);
    assert.deepEqual([signals.isWorking(0), signals.hasPlace(0, 1), signals.hasPlace(1, 1)], [true, true, false]);
  });
});
