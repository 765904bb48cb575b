import assert from "node:assert/strict";
import { it } from "node:test";
import { reportsOf } from "./support/script.js";

/** A thread that listens, and never accepts: connections beyond its queue are never made. */
const listener = `
  const { createServer } = require("node:net");
  const { parentPort, workerData } = require("node:worker_threads");
  const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(workerData, 0, 0));
  });`;

// Also when nobody waits any more before the code that connects is loaded.
for (const patienceMs of [300, 1])
  it(`a connection that is never made does not hold the process once nobody waits for it, after ${patienceMs} ms`, async () => {
    const [state, outcome, heldMs] = (await reportsOf(
      `
    import { connect } from "node:net";
    import { Worker } from "node:worker_threads";
    const worker = new Worker(args[0], { eval: true, execArgv: [], workerData: new Int32Array(new SharedArrayBuffer(4)) });
    const [port] = await once(worker, "message");
    worker.unref();
    const sockets = Array.from({ length: 8 }, () => connect(port, "127.0.0.1").on("error", () => {}).unref());
    // As many as the queue of a listener that never accepts takes; the others hang from then on.
    await Promise.all(sockets.slice(0, 2).map((socket) => once(socket, "connect")));
    report(sockets.at(-1).readyState);
    // Those that are in the queue keep it full.
    for (const socket of sockets) if (socket.readyState === "opening") socket.destroy();
    const opening = VideoDecoder.open("http://127.0.0.1:" + port + "/clip.mp4", { signal: AbortSignal.timeout(${patienceMs}) });
    report(await opening.catch(({ name }) => name));
    const settled = performance.now();
    process.on("exit", () => report(performance.now() - settled));`,
      [listener],
    )) as [string, string, number];
    assert.equal(state, "opening", "connections hang");
    assert.equal(outcome, "TimeoutError");
    // undici itself would wait for ten seconds.
    assert.ok(heldMs < 6000, `${heldMs} ms until the process ended`);
  });
