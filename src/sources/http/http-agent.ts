import { Socket } from "node:net";
// undici, and not the platform's fetch, which is built on it: fetch hides where a redirect leads behind rules made for
// browsers, unpacks compressed bodies unasked, and has no way to see the address that a name stands for before connecting.
import { Agent, type Dispatcher, buildConnector, request } from "undici";
import { onAbort } from "../../async/abort.js";
import { lookupPublic } from "./private-addresses.js";

export { checkLiteralAddress } from "./private-addresses.js";
export type { Dispatcher };

export interface GetRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly refusePrivate: boolean;
  /** The user's own, which connects as it likes. */
  readonly dispatcher: Dispatcher | undefined;
}

/** Resolves with the head of the answer. Rejects as undici does. */
export async function sendGet(
  url: URL,
  { headers, signal, refusePrivate, dispatcher }: GetRequest,
): Promise<Dispatcher.ResponseData> {
  if (dispatcher !== undefined) return await request(url, { dispatcher, signal, headers });
  const { agent, connections } = agentFor(refusePrivate);
  // A connection that is begun for nobody would be made all the same.
  signal.throwIfAborted();
  const leave = connections.wait(url.origin);
  // undici itself hears of an abort only once it is connected.
  const unlink = onAbort(signal, leave);
  try {
    return await request(url, { dispatcher: agent, signal, headers });
  } finally {
    unlink();
    leave();
  }
}

interface SharedAgent {
  readonly agent: Agent;
  readonly connections: PendingConnections;
}

/** Shared by all sources, so that the files of one server share connections; an idle one does not keep the process alive. */
const agents = new Map<boolean, SharedAgent>();

function agentFor(refusePrivate: boolean): SharedAgent {
  const known = agents.get(refusePrivate);
  if (known !== undefined) return known;
  const connections = new PendingConnections(
    buildConnector({ timeout: 10_000, ...(refusePrivate ? { lookup: lookupPublic } : {}) }),
  );
  // Deadlines are the reads' own.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: connections.connect });
  const shared = { agent, connections };
  agents.set(refusePrivate, shared);
  return shared;
}

/** Connections that are being made. undici goes on with one, and the process with it, when nobody waits for it any more. */
class PendingConnections {
  readonly #connect: (...connection: Parameters<buildConnector.connector>) => unknown;
  /** By origin: requests that have no answer yet, and sockets that are not connected yet. */
  readonly #waiting = new Map<string, number>();
  readonly #sockets = new Map<Socket, string>();

  constructor(connect: buildConnector.connector) {
    this.#connect = connect;
  }

  readonly connect: buildConnector.connector = (options, callback) => {
    const { origin } = new URL(`${options.protocol}//${options.host ?? options.hostname}`);
    const socket = this.#connect(options, (...outcome) => {
      if (socket instanceof Socket) this.#sockets.delete(socket);
      callback(...outcome);
    });
    if (socket instanceof Socket) this.#sockets.set(socket, origin);
  };

  /** A request begins; returns what to call, once or more often, when it has an answer or is given up. */
  wait(origin: string): () => void {
    this.#waiting.set(origin, (this.#waiting.get(origin) ?? 0) + 1);
    let waits = true;
    return () => {
      if (!waits) return;
      waits = false;
      this.#waiting.set(origin, (this.#waiting.get(origin) ?? 1) - 1);
      // Not before others could come who want the same connection.
      setImmediate(() => this.#giveUp(origin));
    };
  }

  #giveUp(origin: string): void {
    if (this.#waiting.get(origin) !== 0) return;
    this.#waiting.delete(origin);
    for (const [socket, to] of this.#sockets) {
      if (to === origin) socket.destroy(new Error("nobody waits for the connection any more"));
    }
  }
}
