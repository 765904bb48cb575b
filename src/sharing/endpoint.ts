import { MessageChannel, MessagePort, Worker } from "node:worker_threads";
import { expose as exposeService } from "comlink";
import { argumentError } from "../errors.js";
import { onAbort } from "../async/abort.js";
import type { PoolHost } from "../pool-host.js";
import { ClientSources } from "./client-sources.js";
import { Connection } from "./connection.js";
import { ConnectedPool } from "./connected-pool.js";
import { Session } from "./client-session.js";

/** Where the other thread is: a port, `parentPort`, or the worker itself. */
export type Endpoint = MessagePort | Worker;

/**
 * The only message that crosses the user's endpoint. It brings ports of the connection's own, so that the endpoint can
 * carry other messages too, and the ports' end is the client's end, however it comes about.
 */
interface Invitation {
  readonly framepool: "connect";
  /** Where the client sends its commands. */
  readonly commands: MessagePort;
  /** Where it is asked for bytes of its sources. */
  readonly sources: MessagePort;
}

/** @internal */
export function checkEndpoint(endpoint: unknown): asserts endpoint is Endpoint {
  if (endpoint instanceof MessagePort || endpoint instanceof Worker) return;
  throw argumentError("endpoint", "a MessagePort, a Worker or parentPort", endpoint);
}

/** A pool that is exposed on an endpoint. */
export class Exposure {
  readonly #end: () => void;

  /** @internal Use expose. */
  constructor(end: () => void) {
    this.#end = end;
  }

  /**
   * Ends the connections that came over the endpoint, whose calls then reject with E_CLOSED, and takes no more. The pool and the
   * endpoint stay open, and may be exposed again. Idempotent.
   */
  close(): void {
    this.#end();
  }

  /** Ends it, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

const exposed = new WeakSet<Endpoint>();

/** @internal Serves a pool to whoever connects over the endpoint, which serves no other: throws FramepoolTypeError. */
export function serve(host: PoolHost, endpoint: Endpoint): Exposure {
  if (exposed.has(endpoint)) {
    throw argumentError(
      "endpoint",
      "one on which no pool is exposed (or call close() on what expose returned)",
      endpoint,
    );
  }
  exposed.add(endpoint);
  const ports = new Set<MessagePort>();
  const onMessage = (message: unknown): void => {
    if (!isInvitation(message)) return;
    const { commands, sources } = message;
    const clientSources = new ClientSources(sources);
    const session = new Session(host, clientSources);
    ports.add(commands);
    // A closed pool has nothing more to say to those who are connected; who connects now is told so by each answer.
    const unlink = onAbort(host.closing, () => {
      commands.close();
    });
    commands.on("close", () => {
      unlink();
      ports.delete(commands);
      clientSources.close();
      void session.end();
    });
    exposeService(session, commands);
    // What a client waits for keeps its own thread alive, and the pool's jobs keep this one.
    commands.unref();
  };
  const end = (): void => {
    if (!exposed.delete(endpoint)) return;
    endpoint.off("message", onMessage);
    endpoint.off("close", end);
    endpoint.off("exit", end);
    for (const port of ports) port.close();
  };
  endpoint.on("message", onMessage);
  endpoint.on("close", end);
  endpoint.on("exit", end);
  // A worker's life is the user's affair, and so is a port that they listen on too.
  if (endpoint instanceof MessagePort && endpoint.listenerCount("message") === 1) endpoint.unref();
  return new Exposure(end);
}

/** @internal The other end of an endpoint that serves a pool. */
export function connectTo(endpoint: Endpoint): PoolHost {
  const [commands, sources] = [new MessageChannel(), new MessageChannel()];
  const invitation: Invitation = { framepool: "connect", commands: commands.port2, sources: sources.port2 };
  endpoint.postMessage(invitation, [commands.port2, sources.port2]);
  return new ConnectedPool(new Connection(commands.port1, sources.port1));
}

function isInvitation(message: unknown): message is Invitation {
  if (typeof message !== "object" || message === null) return false;
  const { framepool, commands, sources } = message as Partial<Record<keyof Invitation, unknown>>;
  return framepool === "connect" && commands instanceof MessagePort && sources instanceof MessagePort;
}
