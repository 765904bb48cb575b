import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { OutputMemory } from "../../src/pool/output-memory.js";
import { countSharedMemory, outputBuffer, sizeFor } from "../../src/protocol/output-buffer.js";

const mega = 2 ** 20;

async function collect(): Promise<void> {
  for (let i = 0; i < 5; i++) {
    await turn();
    globalThis.gc?.();
  }
}

/** Leases that are all held at once, then all released. */
function releaseMany(memory: OutputMemory, count: number): WeakRef<SharedArrayBuffer>[] {
  const leases = Array.from({ length: count }, () => memory.lease(mega));
  const buffers = leases.map(({ buffer }) => new WeakRef(buffer));
  for (const lease of leases) lease.release();
  return buffers;
}

describe("output memory", () => {
  it("that was released last is used first, whatever the budget", () => {
    for (const budget of [0, mega, 100 * mega]) {
      const memory = new OutputMemory(budget);
      const [a, b] = [memory.lease(mega), memory.lease(mega)];
      const [first, second] = [a.buffer, b.buffer];
      a.release();
      b.release();
      const again = [memory.lease(mega), memory.lease(mega), memory.lease(mega)].map(({ buffer }) => buffer);
      assert.equal(new Set(again).size, 3);
      assert.ok(budget === 0 || again[0] === second, String(budget));
      assert.deepEqual(new Set(again.slice(0, 2)), new Set([first, second]), String(budget));
    }
  });

  it("is kept free within the budget; V8 gets what is beyond it", async () => {
    const memory = new OutputMemory(3 * sizeFor(mega));
    const buffers = releaseMany(memory, 8);
    assert.equal(memory.freeBytes, 3 * sizeFor(mega));
    await collect();
    assert.equal(buffers.filter((buffer) => buffer.deref() !== undefined).length, 3);
  });

  it("that is larger than the budget is not kept, and takes nothing else's place", () => {
    const memory = new OutputMemory(3 * mega);
    memory.lease(mega).release();
    memory.lease(4 * mega).release();
    assert.equal(memory.freeBytes, sizeFor(mega));
  });

  it("is given up when it is closed, also what comes back later", async () => {
    const memory = new OutputMemory(100 * mega);
    const late = memory.lease(mega);
    const buffers = releaseMany(memory, 4);
    memory.close();
    late.release();
    assert.equal(memory.freeBytes, 0);
    await collect();
    assert.equal(buffers.filter((buffer) => buffer.deref() !== undefined).length, 0);
  });

  it("is not used for what is much smaller, nor again while a share of it is held", () => {
    const memory = new OutputMemory(100 * mega);
    const lease = memory.lease(8 * mega);
    lease.share(2);
    lease.release();
    assert.equal(memory.offer(8 * mega), undefined);
    lease.release();
    assert.equal(memory.offer(mega), undefined);
    assert.equal(memory.offer(7 * mega)?.byteLength, sizeFor(8 * mega));
  });

  it("that was abandoned is never used again", () => {
    const memory = new OutputMemory(100 * mega);
    memory.lease(mega).abandon();
    assert.equal(memory.offer(mega), undefined);
  });
});

describe("shared memory that is counted", () => {
  it("shows in what V8 knows of, once, until it is collected", async () => {
    await collect();
    const before = process.memoryUsage().external;
    let memory: SharedArrayBuffer | undefined = new SharedArrayBuffer(64 * mega);
    countSharedMemory(memory);
    countSharedMemory(memory);
    const during = process.memoryUsage().external - before;
    assert.ok(Math.abs(during - 64 * mega) < mega, `${String(during)} bytes`);
    assert.equal(memory.byteLength, 64 * mega);
    memory = undefined;
    await settleAt(before);
  });

  it("is counted once, however often it comes with a message, and as long as one of its objects is there", async () => {
    await collect();
    const before = process.memoryUsage().external;
    const sent = outputBuffer(64 * mega);
    const arrived = Array.from({ length: 20 }, () => arrive(sent));
    const counted = (): number => (process.memoryUsage().external - before) / mega;
    assert.ok(Math.abs(counted() - 64) < 1, `${String(counted())} MiB`);
    arrived.splice(0, 19);
    await collect();
    assert.ok(Math.abs(counted() - 64) < 1, `${String(counted())} MiB behind the last of them`);
    arrived.pop();
    await settleAt(before);
    arrived.push(arrive(sent));
    assert.ok(Math.abs(counted() - 64) < 1, `${String(counted())} MiB when it comes again`);
  });

  it("that is other memory is counted by itself", async () => {
    await collect();
    const before = process.memoryUsage().external;
    const memories = [
      outputBuffer(64 * mega),
      outputBuffer(64 * mega),
      new SharedArrayBuffer(64 * mega),
      new SharedArrayBuffer(64 * mega),
    ];
    for (const memory of memories) countSharedMemory(memory);
    const during = process.memoryUsage().external - before;
    assert.ok(Math.abs(during - 4 * 64 * mega) < mega, `${String(during)} bytes`);
  });
});

/** As with a message. */
function arrive(sent: SharedArrayBuffer): SharedArrayBuffer {
  const memory = structuredClone(sent);
  countSharedMemory(memory);
  return memory;
}

async function settleAt(before: number): Promise<void> {
  for (let tries = 0; tries < 100 && process.memoryUsage().external > before + mega; tries++) await collect();
  assert.ok(process.memoryUsage().external <= before + mega);
}
