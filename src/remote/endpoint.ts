import { MessageChannel, MessagePort, Worker } from "node:worker_threads";
import { expose as exposeService } from "comlink";
import { argumentError } from "../errors.js";
import type { PoolHost } from "../video/host.js";
import { ClientSources } from "./client-sources.js";
import { Connection } from "./connection.js";
import { RemotePool } from "./remote-pool.js";
import { Session } from "./session.js";

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

export function checkEndpoint(endpoint: unknown): asserts endpoint is Endpoint {
  if (endpoint instanceof MessagePort || endpoint instanceof Worker) return;
  throw argumentError("endpoint", "a MessagePort, a Worker or parentPort", endpoint);
}

/** Serves a pool to whoever connects over the endpoint. */
export function serve(host: PoolHost, endpoint: Endpoint): void {
  const ports = new Set<MessagePort>();
  endpoint.on("message", (message: unknown) => {
    if (!isInvitation(message)) return;
    const { commands, sources } = message;
    const clientSources = new ClientSources(sources);
    const session = new Session(host, clientSources);
    ports.add(commands);
    commands.on("close", () => {
      ports.delete(commands);
      clientSources.close();
      void session.end();
    });
    exposeService(session, commands);
    // What a client waits for keeps its own thread alive, and the pool's jobs keep this one.
    commands.unref();
  });
  // A worker's life is the user's affair, and so is a port that they listen on too.
  if (endpoint instanceof MessagePort && endpoint.listenerCount("message") === 1) endpoint.unref();
  const closePorts = (): void => {
    for (const port of ports) port.close();
  };
  endpoint.on("close", closePorts);
  endpoint.on("exit", closePorts);
}

/** The other end of an endpoint that serves a pool. */
export function connectTo(endpoint: Endpoint): PoolHost {
  const [commands, sources] = [new MessageChannel(), new MessageChannel()];
  const invitation: Invitation = { framepool: "connect", commands: commands.port2, sources: sources.port2 };
  endpoint.postMessage(invitation, [commands.port2, sources.port2]);
  return new RemotePool(new Connection(commands.port1, sources.port1));
}

function isInvitation(message: unknown): message is Invitation {
  if (typeof message !== "object" || message === null) return false;
  const { framepool, commands, sources } = message as Partial<Record<keyof Invitation, unknown>>;
  return framepool === "connect" && commands instanceof MessagePort && sources instanceof MessagePort;
}
