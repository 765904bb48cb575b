import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf } from "../errors.js";
import { FramepoolError } from "../index.js";
import { codeOf, say } from "./messages.js";
import { UsageError } from "./usage.js";

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

/** Of each page, beside its own address. */
const pages: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "": ["index.html", "text/html; charset=utf-8"],
  "page.js": ["page.js", "text/javascript; charset=utf-8"],
  "style.css": ["style.css", "text/css; charset=utf-8"],
  "icon.svg": ["icon.svg", "image/svg+xml"],
};

/** With any port, as `ssh -L` gives another; a name of somebody's that leads here (DNS rebinding) is none of these. */
const ownName = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/** What the page never asks for: answered with status 400. */
export class BadRequest extends Error {}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly more?: Readonly<Record<string, string>>;
}

interface LocalPage {
  /** The command that serves it. */
  readonly command: string;
  /** The folder of its files, which the build makes as deep below dist as the bundle that the command becomes. */
  readonly files: "view" | "queue";
  /** What the page asks for besides; undefined: there is no such thing. What it throws with a code is answered as JSON with `error`. */
  answer(name: string, query: URLSearchParams, signal: AbortSignal): Promise<Reply | undefined>;
}

export interface ServedPage {
  /** Of the page; whoever has it may look at it. */
  readonly address: string;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Serves a page to this machine alone. Throws UsageError where the port cannot be had; 0: a free one. */
export async function servePage(page: LocalPage, port: number): Promise<ServedPage> {
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => void respond(page, token, request, response));
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const taken = { EADDRINUSE: "is taken", EACCES: "is not for you" }[codeOf(error) ?? ""];
    if (taken === undefined) throw error;
    throw new UsageError(`port ${String(port)} ${taken}: name another, or leave --port out for a free one`);
  }
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
  page: LocalPage,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The page does not wait for it any more: neither should a worker.
  const left = new AbortController();
  response.on("close", () => left.abort());
  const { status, type, body, more } = await replyTo(page, token, request, left.signal);
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
  page: LocalPage,
  token: string,
  { method, headers: { host = "" }, url = "" }: IncomingMessage,
  signal: AbortSignal,
): Promise<Reply> {
  const [, given = "", name] = /^\/([^/?]*)(?:\/([^?]*))?/.exec(url) ?? [];
  if (!ownName.test(host) || !isSame(given, token))
    return refused(403, `open the address that ${page.command} printed`);
  if (method !== "GET" && method !== "HEAD") return { ...refused(405, "GET only"), more: { allow: "GET, HEAD" } };
  if (name === undefined) return { ...refused(308, "the page"), more: { location: `/${token}/` } };
  try {
    const file = Object.hasOwn(pages, name) ? pages[name] : undefined;
    if (file !== undefined)
      return {
        status: 200,
        type: file[1],
        body: await readFile(new URL(`../bundle/${page.files}/${file[0]}`, import.meta.url)),
      };
    const query = new URLSearchParams(/\?(.*)$/s.exec(url)?.[1]);
    return (await page.answer(name, query, signal)) ?? refused(404, "there is no such thing");
  } catch (error) {
    if (error instanceof BadRequest) return refused(400, error.message);
    const code = codeOf(error);
    // Without the name of the file, which the page shows.
    const message = error instanceof FramepoolError ? error.reason : messageOf(error);
    if (signal.aborted || code !== undefined) return json({ error: { code: code ?? "", message } });
    say(error instanceof Error ? (error.stack ?? error.message) : messageOf(error));
    return refused(500, "a mistake of framepool's: see where it runs");
  }
}

export function json(facts: object): Reply {
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
