import { workerData } from "node:worker_threads";
import { expose } from "comlink";
import { encodeFailure } from "../src/channel/failure.js";
import { ChannelServer } from "../src/channel/server.js";
import { argumentError } from "../src/errors.js";
import { Bell, type ReadFailure } from "../src/protocol/channel.js";
import type { IoCommands, IoThreadData, OpenedSource } from "../src/protocol/io-thread.js";
import type { RemoteSource } from "../src/sources/byte-source.js";
import { withDeadline } from "../src/sources/deadline.js";
import { openingPieces } from "../src/sources/opening-range.js";
import { remoteOf } from "../src/sources/remote.js";

const { moduleUrl, port, bell } = workerData as IoThreadData;
const server = new ChannelServer(new Bell(bell));
const sources = new Map<number, RemoteSource>();
/** Nobody gives up what is read ahead: the source's own deadline ends it. */
const never = new AbortController().signal;

const commands: IoCommands = {
  attach: (slot, memory) => server.attach(slot, memory),
  async open(argument, readTimeoutMs) {
    try {
      return { opened: await open(argument, readTimeoutMs) };
    } catch (error) {
      const text = new TextDecoder().decode(encodeFailure(error, 0));
      return { failure: JSON.parse(text) as ReadFailure };
    }
  },
  expect(id, ranges) {
    // The read that needs them asks again, and is told what went wrong.
    sources
      .get(id)
      ?.share(ranges, never)
      .catch(() => undefined);
  },
  close(id) {
    server.unregister(id);
    void sources.get(id)?.close();
    sources.delete(id);
  },
};

async function open(argument: unknown, readTimeoutMs: number): Promise<OpenedSource> {
  const made = await withDeadline(readTimeoutMs, never, async () => {
    const { default: make } = (await import(moduleUrl)) as { readonly default?: unknown };
    if (typeof make !== "function") throw argumentError("the module's default export", "a function", make);
    return await (make as (argument: unknown) => unknown)(argument);
  });
  const remote = remoteOf(made, readTimeoutMs);
  const facts = await remote.open(never);
  const { size, key } = facts;
  const id = server.register(remote);
  sources.set(id, remote);
  // What a worker will ask for first.
  openingPieces(facts, (range) => remote.share([range], never)).catch(() => undefined);
  return { id, size, key, label: remote.label };
}

expose(commands, port);
