import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf } from "../../errors.js";
import { FramepoolError } from "../../index.js";
import { codeOf } from "../messages.js";
import { pageFiles } from "../page-files.js";
import type { Answer, FrameFacts } from "./answers.js";
import { BadRequest, encodeOf, modeOf, placeOf, streamOf } from "./requests.js";
import type { ViewedFile } from "./viewed-file.js";

/** The page has all that it needs from here, and nobody else may use what it gets. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

const pages: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "": ["index.html", "text/html; charset=utf-8"],
  "page.js": ["page.js", "text/javascript; charset=utf-8"],
  "style.css": ["style.css", "text/css; charset=utf-8"],
  "icon.svg": ["icon.svg", "image/svg+xml"],
};

/** With any port, as `ssh -L` gives another; a name of somebody's that leads here (DNS rebinding) is none of these. */
const ownHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly more?: Readonly<Record<string, string>>;
}

export interface Viewing {
  /** Of the page; whoever has it may look at the file. */
  readonly address: string;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Serves the page to this machine alone. Rejects with Node's error where the port cannot be had; 0: a free one. */
export async function serve(file: ViewedFile, port: number): Promise<Viewing> {
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => void respond(file, token, request, response));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: chosen } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${String(chosen)}/${token}/`,
    async close(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  file: ViewedFile,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The page does not wait for it any more: neither should a worker.
  const left = new AbortController();
  response.on("close", () => left.abort());
  const { status, type, body, more } = await replyTo(file, token, request, left.signal);
  if (left.signal.aborted) return;
  response.writeHead(status, {
    ...headers,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    ...more,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function replyTo(
  file: ViewedFile,
  token: string,
  { method, headers: { host = "" }, url = "" }: IncomingMessage,
  signal: AbortSignal,
): Promise<Reply> {
  const [, given = "", name] = /^\/([^/?]*)(?:\/([^?]*))?/.exec(url) ?? [];
  if (!ownHost.test(host) || !isSame(given, token)) return refused(403, "open the address that framepool view printed");
  if (method !== "GET" && method !== "HEAD") return { ...refused(405, "GET only"), more: { allow: "GET, HEAD" } };
  if (name === undefined) return { ...refused(308, "the page"), more: { location: `/${token}/` } };
  try {
    const page = Object.hasOwn(pages, name) ? pages[name] : undefined;
    if (page !== undefined) return { status: 200, type: page[1], body: await readFile(new URL(page[0], pageFiles)) };
    const query = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]);
    return (await answerOf(file, name, query, signal)) ?? refused(404, "there is no such thing");
  } catch (error) {
    if (error instanceof BadRequest) return refused(400, error.message);
    const code = codeOf(error);
    // Without the name of the file, which the page shows.
    const message = error instanceof FramepoolError ? error.reason : messageOf(error);
    if (signal.aborted || code !== undefined) return json({ error: { code: code ?? "", message } });
    process.stderr.write(`framepool: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`);
    return refused(500, "a mistake of framepool's: see where it runs");
  }
}

/** What is wrong with the file is an answer too, and no failure of the request: JSON with `error`. */
async function answerOf(
  file: ViewedFile,
  name: string,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  if (name === "file") return json(file.facts());
  if (name === "video") return json(await file.video(streamOf(query), modeOf(query)));
  if (name === "packets") return json(await file.packets(streamOf(query), signal));
  if (name !== "frame") return undefined;
  const request = { streamIndex: streamOf(query), mode: modeOf(query), place: placeOf(query), encode: encodeOf(query) };
  const image = await file.picture(request, signal);
  if (image === undefined) return undefined;
  const { index, ptsSeconds, durationSeconds, status, width, height, format, data } = image;
  const facts: FrameFacts = { index, ptsSeconds, durationSeconds, status, width, height };
  return { status: 200, type: `image/${format}`, body: data, more: { "framepool-frame": JSON.stringify(facts) } };
}

function json(facts: Answer<object>): Reply {
  return { status: 200, type: "application/json", body: JSON.stringify(facts) };
}

function refused(status: number, why: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${why}\n` };
}

/** Takes as long wherever they differ. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
