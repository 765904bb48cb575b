import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { makeVideo, temporaryFolder } from "../support.js";
import { getFrame, getJson, view } from "./support.js";

/** Serves bytes by ranges until it is told to answer no more; then it says whose connection was closed. */
class StallingServer {
  readonly stalled: ServerResponse[] = [];
  stalls = false;
  readonly #server = createServer((request, response) => {
    const [, from = "0", to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
    const [start, end] = [Number(from), Math.min(Number(to || Infinity), this.#bytes.length - 1)];
    const range = `bytes ${String(start)}-${String(end)}/${String(this.#bytes.length)}`;
    response.writeHead(206, { "content-range": range, "content-length": end - start + 1, etag: '"1"' });
    if (!this.stalls) return void response.end(this.#bytes.subarray(start, end + 1));
    response.flushHeaders();
    this.stalled.push(response);
    this.#server.emit("stalled");
  });
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    after(() => this.#server.close().closeAllConnections());
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/talk.mp4`;
  }

  async untilStalled(): Promise<ServerResponse> {
    const signal = AbortSignal.timeout(20_000);
    while (this.stalled[0] === undefined) await once(this.#server, "stalled", { signal });
    return this.stalled[0];
  }
}

// 500 frames, far more bytes than are read ahead.
const encoder = ["mpeg4", "-g", "12", "-q:v", "1"];
const bytes = readFileSync(makeVideo(join(temporaryFolder(), "talk.mp4"), { seconds: 20, size: "640x360", encoder }));

test("a picture that the page does not wait for any more is given up, and the next one comes", async () => {
  const server = new StallingServer(bytes);
  const { address, end } = await view([await server.listen(), "--workers", "1"]);
  assert.equal((await getFrame(`${address}frame?index=0`)).index, 0);
  server.stalls = true;
  const stop = new AbortController();
  const asked = fetch(`${address}frame?index=499`, { signal: stop.signal }).catch((error: unknown) => error);
  const stalled = await server.untilStalled();
  // Long before the source's own patience ends.
  const closed = once(stalled, "close", { signal: AbortSignal.timeout(20_000) });
  stop.abort();
  await asked;
  await closed;
  server.stalls = false;
  assert.equal((await getFrame(`${address}frame?index=499`)).index, 499);
  assert.equal((await end()).code, 0);
});

test("it ends while the page waits for a picture", async () => {
  const server = new StallingServer(bytes);
  const { address, end } = await view([await server.listen(), "--workers", "1"]);
  await getJson(`${address}video`);
  server.stalls = true;
  const waiting = assert.rejects(fetch(`${address}frame?index=499`));
  await server.untilStalled();
  const ended = await Promise.race([end(), delay(20_000, undefined, { ref: false })]);
  assert.equal(ended?.code, 0);
  await waiting;
});
