import type { Dispatcher } from "undici";
import { FramepoolError, isInstance, messageOf, propertyOf } from "../../errors.js";
import { unlessAborted } from "../../async/abort.js";
import { type AnswerHead, TransientError } from "./http-answer.js";

/** Loaded by the first URL, with undici and Node's own network behind it: who reads local files does not pay for them. */
const network = () => import("./http-agent.js");

/** Where a file is, and what is sent with each request for it. */
export interface Access {
  readonly url: URL;
  readonly headers: ReadonlyMap<string, string>;
  /** Milliseconds since 1970; undefined: nobody said. */
  readonly expiresAt: number | undefined;
}

interface ClientSettings {
  readonly dispatcher: Dispatcher | undefined;
  readonly allowHost: ((address: URL) => boolean) | undefined;
  readonly refusePrivate: boolean;
}

/** The head of an answer, and its body on the way. */
export interface Answer extends AnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the connection, unless the body was read to its end. */
  discard(): void;
}

const mostRedirects = 10;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** An address that such an answer comes from may have been a redirect's for a while only. */
const refusals: ReadonlySet<number> = new Set([401, 403, 404, 410]);
/** So long before it expires, or a tenth of its time if that is less, an access is renewed: clocks differ, and requests take a while. */
const mostMarginMs = 30_000;
/** What is renewed may have expired. */
const expired: ReadonlySet<number> = new Set([401, 403]);

/** GET requests of one file, wherever redirects lead. */
export class HttpClient {
  readonly #settings: ClientSettings;
  readonly #renew: (() => Promise<Access>) | undefined;
  #access: Access | undefined;
  #renewAt = Infinity;
  /** Where the file was found last. */
  #found: URL | undefined;
  /** Shared by the requests that wait for it. */
  #renewing: Promise<Access> | undefined;

  /** `access`: what the user named, or how to ask for that, first and whenever it has expired. */
  constructor(access: Access | (() => Promise<Access>), settings: ClientSettings) {
    this.#settings = settings;
    this.#renew = typeof access === "function" ? access : undefined;
    if (typeof access === "object") this.#take(access);
    // Begun here, to be ready by the time of the first request.
    network().catch(() => undefined);
  }

  /** How a person would name it; without credentials and query, which may hold secrets. */
  get label(): string {
    return this.address === undefined ? "an address of a function" : `${this.address.origin}${this.address.pathname}`;
  }

  /** What the user named last; without credentials. undefined: not asked for yet. */
  get address(): URL | undefined {
    return this.#access?.url;
  }

  /** Names the file beside its version: what changes with each signature is left out. */
  get key(): string {
    return this.#renew === undefined ? (this.address?.href ?? "") : this.label;
  }

  /** Loading the code is not the server's delay. */
  async ready(): Promise<void> {
    await network();
  }

  /** Rejects with TransientError when no answer came; `onRequest` is told each request that is sent. */
  async get(headers: Readonly<Record<string, string>>, signal: AbortSignal, onRequest: () => void): Promise<Answer> {
    let access = await this.#current(signal);
    let url = this.#found ?? access.url;
    let hasRenewed = false;
    for (let followed = 0; followed <= mostRedirects; followed++) {
      await this.#check(url);
      onRequest();
      const { statusCode, headers: received, body } = await this.#send(url, access, headers, signal);
      const location = redirects.has(statusCode) ? received["location"] : undefined;
      if (typeof location === "string") {
        await body.dump();
        url = redirectTarget(location, url);
        continue;
      }
      if (refusals.has(statusCode) && url !== access.url && this.#found !== access.url) {
        // Perhaps only what the redirect led to has expired.
        body.destroy();
        url = this.#found = access.url;
        continue;
      }
      if (expired.has(statusCode) && this.#renew !== undefined && !hasRenewed) {
        body.destroy();
        hasRenewed = true;
        access = await this.#renewed(access, signal);
        url = access.url;
        continue;
      }
      this.#found = url;
      return {
        status: statusCode,
        header(name) {
          const value = received[name];
          return typeof value === "object" ? value.join(", ") : value;
        },
        body,
        discard: () => body.destroy(),
      };
    }
    throw new FramepoolError("E_HTTP", `more than ${String(mostRedirects)} redirects`);
  }

  /** What to ask with: renewed in time, or else, while that fails, what still holds. */
  async #current(signal: AbortSignal): Promise<Access> {
    const access = this.#access;
    if (access !== undefined && Date.now() < this.#renewAt) return access;
    try {
      return await this.#renewed(access, signal);
    } catch (error) {
      if (access === undefined || signal.aborted || Date.now() >= (access.expiresAt ?? 0)) throw error;
      return access;
    }
  }

  /** Asks for another access than the one that was of no use, once for all requests that wait for it. */
  async #renewed(old: Access | undefined, signal: AbortSignal): Promise<Access> {
    if (this.#access !== undefined && this.#access !== old) return this.#access;
    if (this.#renew === undefined) throw new FramepoolError("E_INTERNAL", "there is nothing to renew");
    this.#renewing ??= this.#renew()
      .then((access) => this.#take(access))
      .finally(() => {
        this.#renewing = undefined;
      });
    return await unlessAborted(this.#renewing, signal);
  }

  #take({ url, headers, expiresAt }: Access): Access {
    const bare = withoutCredentials(url);
    this.#found = bare;
    const now = Date.now();
    const left = (expiresAt ?? Infinity) - now;
    // One that is over already is used all the same: whoever gave it has nothing better.
    this.#renewAt = left <= 0 ? Infinity : now + left - Math.min(mostMarginMs, left / 10);
    return (this.#access = { url: bare, headers: new Map([...basicAuthorization(url), ...headers]), expiresAt });
  }

  async #send(
    url: URL,
    access: Access,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const own = url.origin === access.url.origin ? access.headers : onlyUserAgent(access.headers);
    try {
      const all = { ...Object.fromEntries(own), ...headers };
      const { dispatcher, refusePrivate } = this.#settings;
      const { sendGet } = await network();
      const answer = await sendGet(url, { headers: all, signal, refusePrivate, dispatcher });
      // An aborted body emits an error even when nobody reads it any more.
      answer.body.on("error", () => undefined);
      return answer;
    } catch (error) {
      throw failureOf(error, signal);
    }
  }

  async #check(url: URL): Promise<void> {
    if (this.#settings.refusePrivate) (await network()).checkLiteralAddress(url);
    if (this.#settings.allowHost?.(url) === false) throw new FramepoolError("E_ACCESS", `${url.host} is not allowed`);
  }
}

/** What sending or receiving failed with, as this library says it; the signal's reason when that was why. */
export function failureOf(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (isInstance(error, FramepoolError)) return error;
  const message = messageOf(error) || messageOf(propertyOf(error, "code"));
  return new TransientError("E_IO", `the connection failed: ${message}`, error);
}

function redirectTarget(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new FramepoolError("E_HTTP", "the server redirects to something that is no http(s) address");
  }
  return withoutCredentials(url);
}

/** Another origin gets nothing that may be a credential, whatever the header's name. */
function onlyUserAgent(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => name === "user-agent"));
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url.href);
  bare.username = bare.password = bare.hash = "";
  return bare;
}

function basicAuthorization({ username, password }: URL): [string, string][] {
  if (username === "" && password === "") return [];
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [["authorization", `Basic ${Buffer.from(text).toString("base64")}`]];
}
