import { workerData } from "node:worker_threads";
import { expose } from "comlink";
import { encodeFailure } from "../src/protocol/read-failure.js";
import { ChannelServer } from "../src/feed/channel/server.js";
import { argumentError } from "../src/errors.js";
import { Bell, type ReadFailure } from "../src/protocol/channel.js";
import type { IoCommands, IoSettings, IoThreadData, OpenedSource } from "../src/protocol/io-thread.js";
import { withDeadline } from "../src/async/deadline.js";
import { openingPieces } from "../src/feed/opening-range.js";
import { remoteOf } from "../src/sources/asked-source.js";
import { IoSources } from "./io-sources.js";

const { moduleUrl, port, bell } = workerData as IoThreadData;
const server = new ChannelServer(new Bell(bell));
const sources = new IoSources();
/** Nobody gives up what is read ahead: the source's own deadline ends it. */
const never = new AbortController().signal;

const commands: IoCommands = {
  attach: (slot, memory) => server.attach(slot, memory),
  async open(argument, settings) {
    try {
      const made = await make(argument, settings.readTimeoutMs);
      return { opened: await sources.open(made, () => open(made, settings)) };
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
  async close(id) {
    server.unregister(id);
    await sources.close(id);
  },
  closeAll: () => sources.closeAll(),
};

async function make(argument: unknown, timeoutMs: number): Promise<unknown> {
  return await withDeadline(timeoutMs, never, async () => {
    const { default: makeSource } = (await import(moduleUrl)) as { readonly default?: unknown };
    if (typeof makeSource !== "function") throw argumentError("the module's default export", "a function", makeSource);
    return await (makeSource as (argument: unknown) => unknown)(argument);
  });
}

async function open(made: unknown, settings: IoSettings): Promise<OpenedSource> {
  const remote = remoteOf(made, settings);
  const facts = await remote.open(never);
  const { size, key } = facts;
  const id = server.register(remote);
  sources.add(id, { remote, made });
  // What a worker will ask for first.
  openingPieces(facts, (range) => remote.share([range], never)).catch(() => undefined);
  return { id, size, key, label: remote.label };
}

expose(commands, port);
