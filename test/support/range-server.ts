import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Content, memoryContent } from "./content.js";
import type { Fault, Reply } from "./faults.js";

export interface Served {
  readonly content: Content;
  readonly fault?: Fault;
  /** What the file is from the request on that comes after so many. */
  readonly becomes?: { readonly content: Content; readonly after: number };
  /** How the server tells the two apart. Default: etag. */
  readonly version?: "etag" | "weak etag" | "date" | "none";
}

export interface LineSettings {
  /** Before each answer. Default 0. */
  readonly latencyMs?: number;
  /** Of one line that all connections share. Default: no limit. */
  readonly megabitsPerSecond?: number;
}

export interface Traffic {
  requests: number;
  /** Of content, as handed to the connection. */
  bytes: number;
  /** First and last, as asked; undefined: the whole file. */
  ranges: ({ readonly start: number; readonly end: number } | undefined)[];
  /** Of each request. */
  headers: IncomingMessage["headers"][];
}

const quiet = (): Traffic => ({ requests: 0, bytes: 0, ranges: [], headers: [] });
const pieceBytes = 1 << 16;

/** Serves files by ranges on loopback, counts what it sends, and misbehaves as told. */
export class RangeServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #line: LineSettings;
  readonly #served = new Map<string, Served & { count: number }>();
  #traffic = quiet();
  #lineFreeAt = 0;

  private constructor(line: LineSettings) {
    this.#line = line;
  }

  static async start(line: LineSettings = {}): Promise<RangeServer> {
    const server = new RangeServer(line);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Serves it under an address of its own. */
  serve(served: Served | Uint8Array, name = "clip.mp4"): URL {
    const path = `/${this.#served.size}/${name}`;
    this.#served.set(path, {
      ...(served instanceof Uint8Array ? { content: memoryContent(served) } : served),
      count: 0,
    });
    return new URL(path, this.origin);
  }

  resetTraffic(): void {
    this.#traffic = quiet();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    for (const { content, becomes } of this.#served.values()) {
      await content.close();
      await becomes?.content.close();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const url = new URL(request.url ?? "/", this.origin);
    if (url.pathname === "/__traffic" || url.pathname === "/__reset") {
      if (url.pathname === "/__reset") this.resetTraffic();
      response.end(JSON.stringify(this.#traffic));
      return;
    }
    this.#traffic.requests++;
    this.#traffic.headers.push(request.headers);
    await sleep(this.#line.latencyMs ?? 0);
    const served = this.#served.get(url.pathname);
    if (served === undefined) {
      response.writeHead(404).end();
      return;
    }
    const count = ++served.count;
    const isOther = served.becomes !== undefined && count > served.becomes.after;
    const content = isOther ? served.becomes.content : served.content;
    const range = rangeOf(request, content.size);
    this.#traffic.ranges.push(range);
    const right = rightReply(request, content, range, versionHeaders(isOther ? 2 : 1, served.version ?? "etag"));
    const other = served.becomes?.content ?? content;
    const reply = (await served.fault?.(right, { count, range, content, other })) ?? right;
    response.writeHead(reply.status, reply.headers);
    if (request.method === "HEAD") response.end();
    else await this.#send(response, reply);
  }

  async #send(response: ServerResponse, { body, delivery }: Reply): Promise<void> {
    const of = body instanceof Uint8Array ? memoryContent(body) : body.of;
    const { start, end } = body instanceof Uint8Array ? { start: 0, end: body.length } : body;
    const until = delivery === "reset" || delivery === "stall" ? start + ((end - start) >> 1) : end;
    const step = delivery === "dribble" ? 20_000 : pieceBytes;
    for (let at = start; at < until && !response.destroyed; at += step) {
      const piece = await of.read(at, Math.min(at + step, until));
      this.#traffic.bytes += piece.length;
      // Handed over before the connection may be cut.
      await new Promise<void>((resolve) => {
        const done = (): void => {
          response.off("close", done);
          resolve();
        };
        response.once("close", done);
        response.write(piece, done);
      });
      await this.#lineTakes(piece.length);
      if (delivery === "dribble") await sleep(1);
    }
    if (delivery === "reset") response.destroy();
    else if (delivery !== "stall") response.end();
  }

  /** Until the line would have taken so many bytes more. */
  async #lineTakes(bytes: number): Promise<void> {
    const { megabitsPerSecond } = this.#line;
    if (megabitsPerSecond === undefined) return;
    this.#lineFreeAt = Math.max(this.#lineFreeAt, performance.now()) + (bytes * 8) / (megabitsPerSecond * 1000);
    const wait = this.#lineFreeAt - performance.now();
    // A timer cannot do less; what it is late by is made up for.
    if (wait > 2) await sleep(wait);
  }
}

function rangeOf(request: IncomingMessage, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined || last === undefined) return undefined;
  return { start: Number(first), end: last === "" ? size : Math.min(Number(last) + 1, size) };
}

function rightReply(
  request: IncomingMessage,
  content: Content,
  range: { readonly start: number; readonly end: number } | undefined,
  tags: Readonly<Record<string, string>>,
): Reply {
  const { size } = content;
  const condition = request.headers["if-range"];
  const isValid = condition === undefined || Object.values(tags).includes(condition as string);
  if (range !== undefined && range.start >= range.end) {
    return {
      status: 416,
      headers: { "content-range": `bytes */${size}`, "content-length": "0" },
      body: new Uint8Array(0),
    };
  }
  const part = range !== undefined && isValid ? range : { start: 0, end: size };
  const isPart = range !== undefined && isValid;
  return {
    status: isPart ? 206 : 200,
    headers: {
      ...tags,
      "accept-ranges": "bytes",
      "content-length": String(part.end - part.start),
      ...(isPart ? { "content-range": `bytes ${part.start}-${part.end - 1}/${size}` } : {}),
    },
    body: { ...part, of: content },
  };
}

function versionHeaders(revision: number, version: NonNullable<Served["version"]>): Record<string, string> {
  if (version === "etag") return { etag: `"revision ${revision}"` };
  if (version === "weak etag") return { etag: `W/"revision ${revision}"` };
  if (version === "date") return { "last-modified": new Date(1.6e12 + revision * 1000).toUTCString() };
  return {};
}
