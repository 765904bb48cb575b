import { tmpdir } from "node:os";
import { argumentError } from "../../errors.js";
import { boolean, checkObject, finite, folder, integer, knownKeys } from "../../arguments.js";
import { BlockCache } from "../cache/block-cache.js";
import type { Dispatcher } from "./http-agent.js";
import { type Access, HttpClient } from "./http-client.js";
import { HttpFile } from "./http-file.js";
import { SourceCounters, type SourceStats } from "../source-stats.js";

/** Headers of a request, as `fetch` takes them. */
export type HttpHeaders = Readonly<Record<string, string>> | Headers | readonly (readonly [string, string])[];

/** An address that is good for some time. */
export interface ExpiringAddress {
  /** Of `http:` or `https:`. */
  readonly url: string | URL;
  /** When it ends, as a date or in milliseconds since 1970. */
  readonly expiresAt: Date | number;
}

type AnyAddress = string | URL | ExpiringAddress;

/**
 * A function is asked first, and again when the server answers 401 or 403, or shortly before the time that it gave with the
 * address (`expiresAt`): for signed addresses.
 */
export type HttpAddress = string | URL | (() => AnyAddress | Promise<AnyAddress>);

/** How a server is asked. */
export interface HttpSourceOptions {
  /**
   * Sent with every request to the address's own origin; of them only `user-agent` to another one that it redirects to.
   * A user name and password in the address are sent as basic authorization. A function is asked first, and again whenever an
   * address would be.
   */
  readonly headers?: HttpHeaders | (() => HttpHeaders | Promise<HttpHeaders>) | undefined;
  /**
   * An undici `Dispatcher` that sends the requests: a `ProxyAgent`, an `Agent` with certificates of its own. It stays yours to close. Not
   * together with `refusePrivateAddresses`, which is about the connections that it makes.
   */
  readonly dispatcher?: Dispatcher | undefined;
  /**
   * Bytes of the first request, and the measure of others: a read after a jump fetches a quarter of it, one that goes on up
   * to eight times as much, ranges known beforehand as much as they are. From 4096. Default 524288, and three times that
   * for the first request.
   */
  readonly blockSize?: number | undefined;
  /** Bytes kept in memory of what was fetched. Default 64 MiB. */
  readonly cacheBytes?: number | undefined;
  /** A larger file that the server sends only as a whole is copied to a temporary file of at most so many bytes. Default 8 GiB. */
  readonly maxSpoolBytes?: number | undefined;
  /** Folder of that file. Default `os.tmpdir()`. One that is full is the error E_IO. */
  readonly spoolFolder?: string | undefined;
  /** Of each attempt. An attempt that got some of the bytes is continued by the next. Default 30000. */
  readonly readTimeoutMs?: number | undefined;
  /**
   * Attempts after the first, when the server is busy (408, 425, 429, 5xx), or the connection fails or stalls; with growing
   * pauses, or those that the server asks for. A read fails at the latest after `readTimeoutMs` times all attempts. Default 3.
   */
  readonly retries?: number | undefined;
  /** Asked before every request, also where a redirect leads; false refuses with E_ACCESS. */
  readonly allowHost?: ((address: URL) => boolean) | undefined;
  /** Refuses, with E_ACCESS, hosts whose address is not on the public internet, as the connection is made. Default false. */
  readonly refusePrivateAddresses?: boolean | undefined;
}

/** A file on an HTTP server, of which only what decoding needs is fetched, and each byte once while it is kept. */
export interface HttpSource {
  /** Without user name and password; of a function, what it gave last, and empty before it was asked. */
  readonly url: string;
  /** So far; another object each time. */
  readonly stats: SourceStats;
  /** Ends its requests and lets go of what it kept; reads fail with E_CLOSED then. Not needed for the process to end. */
  close(): void;
}

const optionKeys = [
  "headers",
  "dispatcher",
  "blockSize",
  "cacheBytes",
  "maxSpoolBytes",
  "spoolFolder",
  "readTimeoutMs",
  "retries",
  "allowHost",
  "refusePrivateAddresses",
];

/**
 * A source for as many decoders as there are: they share what it fetched. It stands for one version of the file: once the
 * file is another on the server, what is not here yet fails with E_SOURCE_CHANGED.
 *
 * Where the address or the headers are a function, what a server refuses (401, 403) is asked for once more with what the function gives
 * then: once for each request, and once for all requests that wait. What was given with `expiresAt` is renewed before that. The renewed address has to be that of the same version of the file.
 *
 * Reads fail with E_NOT_FOUND (404, 410), E_ACCESS (401, 403, refused hosts), E_TIMEOUT, E_IO (the connection), E_LIMIT (only
 * to be had as a whole, and larger than `cacheBytes` and `maxSpoolBytes`), and E_HTTP (any other answer that is no range of the file).
 * Throws FramepoolTypeError.
 */
export function httpSource(url: HttpAddress, options: HttpSourceOptions = {}): HttpSource {
  return new RemoteHttpSource(url, options);
}

/** What `httpSource` makes, as the library sees it. */
export class RemoteHttpSource extends BlockCache implements HttpSource {
  readonly #client: HttpClient;
  readonly #counters: SourceCounters;

  constructor(url: HttpAddress, options: HttpSourceOptions) {
    knownKeys("options", options, optionKeys);
    const { allowHost } = options;
    if (allowHost !== undefined && typeof allowHost !== "function") {
      throw argumentError("options.allowHost", "a function", allowHost);
    }
    const refusePrivate = boolean("options.refusePrivateAddresses", options.refusePrivateAddresses ?? false);
    const { dispatcher } = options;
    if (dispatcher !== undefined) {
      checkObject("options.dispatcher", dispatcher, "an undici Dispatcher", ["dispatch"]);
      if (refusePrivate) throw argumentError("options.dispatcher", "none beside refusePrivateAddresses", dispatcher);
    }
    const client = new HttpClient(accessOf(url, options.headers), { dispatcher, allowHost, refusePrivate });
    const blockSize = integer("options.blockSize", options.blockSize ?? 2 ** 19, 2 ** 12, 2 ** 26);
    const cacheBytes = integer("options.cacheBytes", options.cacheBytes ?? 2 ** 26, 0, Number.MAX_SAFE_INTEGER);
    const file = {
      // A round trip costs as much as this does on most lines, and the first picture is seldom behind it.
      headBytes: options.blockSize === undefined ? 3 * blockSize : blockSize,
      mostWholeBytes: cacheBytes,
      maxSpoolBytes: integer("options.maxSpoolBytes", options.maxSpoolBytes ?? 2 ** 33, 0, Number.MAX_SAFE_INTEGER),
      spoolFolder: folder("options.spoolFolder", options.spoolFolder ?? tmpdir()),
      readTimeoutMs: integer("options.readTimeoutMs", options.readTimeoutMs ?? 30_000, 1, 2 ** 31 - 1),
      retries: integer("options.retries", options.retries ?? 3, 0, 1000),
    };
    const counters = new SourceCounters();
    super(new HttpFile(client, file, counters), { blockSize, cacheBytes });
    this.#client = client;
    this.#counters = counters;
  }

  get url(): string {
    return this.#client.address?.href ?? "";
  }

  get stats(): SourceStats {
    return this.#counters.now();
  }
}

/** Checked at once as far as it is no function. */
function accessOf(url: HttpAddress, headers: HttpSourceOptions["headers"]): Access | (() => Promise<Access>) {
  const fixed = typeof url === "function" ? undefined : httpAddress(url);
  const fixedHeaders = typeof headers === "function" ? undefined : headerMap(headers);
  if (fixed !== undefined && fixedHeaders !== undefined) {
    return { url: fixed, headers: fixedHeaders, expiresAt: undefined };
  }
  return async () => {
    const [address, given] = await Promise.all([
      typeof url === "function" ? url() : url,
      typeof headers === "function" ? headers() : headers,
    ]);
    const { url: asked, expiresAt } = expiring(address);
    return { url: fixed ?? httpAddress(asked), headers: fixedHeaders ?? headerMap(given), expiresAt };
  };
}

/** What a function gave. */
function expiring(given: AnyAddress): { readonly url: string | URL; readonly expiresAt: number | undefined } {
  if (typeof given !== "object" || given instanceof URL) return { url: given, expiresAt: undefined };
  knownKeys("url", given, ["url", "expiresAt"]);
  return { url: given.url, expiresAt: finite("url.expiresAt", Number(given.expiresAt)) };
}

function httpAddress(url: unknown): URL {
  const text = url instanceof URL ? url.href : url;
  if (typeof text === "string" && URL.canParse(text)) {
    const parsed = new URL(text);
    if (/^https?:$/.test(parsed.protocol)) return parsed;
  }
  throw argumentError("url", "an http: or https: URL", text);
}

/** What decides which bytes come is the library's. */
const ownHeaders = [
  "range",
  "if-range",
  "accept-encoding",
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
];

function headerMap(headers: HttpHeaders | undefined): ReadonlyMap<string, string> {
  let map: Map<string, string>;
  try {
    map = new Map(new Headers(headers as ConstructorParameters<typeof Headers>[0]));
  } catch {
    throw argumentError("options.headers", "names and values of HTTP headers", headers);
  }
  const own = ownHeaders.find((name) => map.has(name));
  if (own !== undefined) throw argumentError("options.headers", `headers other than ${ownHeaders.join(", ")}`, own);
  return map;
}
