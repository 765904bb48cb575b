import type { Dispatcher } from "undici";
import { FramepoolError, isInstance, messageOf, propertyOf } from "../../errors.js";
import { type AnswerHead, TransientError } from "./http-answer.js";

/** Loaded by the first URL, with undici and Node's own network behind it: who reads local files does not pay for them. */
const network = () => import("./http-agent.js");

export interface ClientSettings {
  readonly headers: ReadonlyMap<string, string>;
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

/** GET requests of one file, wherever redirects lead. */
export class HttpClient {
  /** How a person would name it; without credentials and query, which may hold secrets. */
  readonly label: string;
  /** What the user named; without credentials. */
  readonly address: URL;
  /** Where the file was found last. */
  #found: URL;
  readonly #settings: ClientSettings;
  readonly #headers: ReadonlyMap<string, string>;

  constructor(url: URL, settings: ClientSettings) {
    this.address = withoutCredentials(url);
    this.#found = this.address;
    this.label = `${this.address.origin}${this.address.pathname}`;
    this.#settings = settings;
    this.#headers = new Map([...basicAuthorization(url), ...settings.headers]);
    // Begun here, to be ready by the time of the first request.
    network().catch(() => undefined);
  }

  /** Loading the code is not the server's delay. */
  async ready(): Promise<void> {
    await network();
  }

  /** Rejects with TransientError when no answer came; `onRequest` is told each request that is sent. */
  async get(headers: Readonly<Record<string, string>>, signal: AbortSignal, onRequest: () => void): Promise<Answer> {
    let url = this.#found;
    for (let followed = 0; followed <= mostRedirects; followed++) {
      await this.#check(url);
      onRequest();
      const { statusCode, headers: received, body } = await this.#send(url, headers, signal);
      const location = redirects.has(statusCode) ? received["location"] : undefined;
      if (typeof location === "string") {
        await body.dump();
        url = redirectTarget(location, url);
        continue;
      }
      if (refusals.has(statusCode) && this.#found !== this.address) {
        // Perhaps only what the redirect led to has expired.
        body.destroy();
        url = this.#found = this.address;
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

  async #send(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const own = url.origin === this.address.origin ? this.#headers : onlyUserAgent(this.#headers);
    try {
      const all = { ...Object.fromEntries(own), ...headers };
      const { sendGet } = await network();
      const answer = await sendGet(url, { headers: all, signal, refusePrivate: this.#settings.refusePrivate });
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
