import { gzipSync } from "node:zlib";
import type { Content } from "./content.js";

/** What a server is about to answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Half-open, of the content. */
  readonly body: { readonly start: number; readonly end: number; readonly of: Content } | Uint8Array;
  /** `reset`: the connection dies half way; `stall`: nothing comes after that; `dribble`: in small pieces. */
  readonly delivery?: "reset" | "stall" | "dribble";
}

/** What the reply is to. */
export interface Occasion {
  /** Requests for this address so far, this one included. */
  readonly count: number;
  /** Half-open; undefined when the whole file was asked for. */
  readonly range: { readonly start: number; readonly end: number } | undefined;
  readonly content: Content;
  /** Another file, for what becomes another one. */
  readonly other: Content;
}

export type Fault = (reply: Reply, occasion: Occasion) => Reply | Promise<Reply>;

const only = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { "content-length": "0", ...headers },
  body: new Uint8Array(0),
});

const firstTimes =
  (count: number, fault: Fault): Fault =>
  (reply, occasion) =>
    occasion.count <= count ? fault(reply, occasion) : reply;

const withHeaders = (reply: Reply, headers: Readonly<Record<string, string | undefined>>): Reply => {
  const all: Record<string, string | undefined> = { ...reply.headers, ...headers };
  return {
    ...reply,
    headers: Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
};

const contentRange = (start: number, end: number, size: number | "*"): string => `bytes ${start}-${end - 1}/${size}`;

/** The whole file, as a server does that knows no ranges. */
const whole = (reply: Reply, content: Content): Reply => ({
  ...withHeaders(reply, {
    "content-range": undefined,
    "accept-ranges": undefined,
    "content-length": String(content.size),
  }),
  status: 200,
  body: { start: 0, end: content.size, of: content },
});

/** How servers and what is in front of them go wrong. */
export const faults = {
  busy: firstTimes(2, () => only(429, { "retry-after": "0" })),
  busyForLong: () => only(503, { "retry-after": "86400" }),
  failing: firstTimes(2, () => only(500)),
  failingAlways: () => only(500),
  notImplemented: () => only(501),
  unsatisfiable: (_reply, { content }) => only(416, { "content-range": `bytes */${content.size}` }),
  forbidden: () => only(403),
  unauthorized: () => only(401),
  missing: () => only(404),
  gone: () => only(410),
  redirectLoop: () => only(302, { location: "" }),
  redirectElsewhere: () => only(302, { location: "ftp://example.org/clip.mp4" }),
  reset: firstTimes(2, (reply) => ({ ...reply, delivery: "reset" })),
  resetAlways: (reply) => ({ ...reply, delivery: "reset" }),
  stallOnce: firstTimes(1, (reply) => ({ ...reply, delivery: "stall" })),
  stallAlways: (reply) => ({ ...reply, delivery: "stall" }),
  dribble: (reply) => ({ ...reply, delivery: "dribble" }),
  /** Answers half of what was asked, and says so. */
  short: (reply, { range, content }) => {
    if (range === undefined) return reply;
    const end = range.start + Math.max(1, (range.end - range.start) >> 1);
    return {
      ...withHeaders(reply, {
        "content-range": contentRange(range.start, end, content.size),
        "content-length": String(end - range.start),
      }),
      body: { start: range.start, end, of: content },
    };
  },
  noRanges: (reply, { content }) => whole(reply, content),
  noRangesNoLength: (reply, { content }) => withHeaders(whole(reply, content), { "content-length": undefined }),
  /** Knows ranges, but not always. */
  noRangesLater: (reply, { count, content }) => (count > 1 ? whole(reply, content) : reply),
  compressed: async (reply, { content, range }) => {
    const body = gzipSync(await content.read(range?.start ?? 0, range?.end ?? content.size));
    return { ...withHeaders(reply, { "content-encoding": "gzip", "content-length": String(body.length) }), body };
  },
  /** Other bytes than it says. */
  otherRange: (reply, { range, content }) =>
    range === undefined || range.start === 0
      ? reply
      : withHeaders(reply, {
          "content-range": contentRange(range.start + 16, Math.min(range.end + 16, content.size), content.size),
        }),
  noContentRange: (reply) => withHeaders(reply, { "content-range": undefined }),
  unknownSize: (reply, { range }) =>
    withHeaders(reply, {
      "content-length": undefined,
      "content-range": range === undefined ? undefined : contentRange(range.start, range.end, "*"),
    }),
  sizeChanges: (reply, { range, content, count }) =>
    range === undefined
      ? reply
      : withHeaders(reply, { "content-range": contentRange(range.start, range.end, content.size + count) }),
  /** Says more than it sends, in chunks that do not tell. */
  tooFew: (reply, { range, content }) => ({
    ...withHeaders(reply, { "content-length": undefined }),
    body: { start: range?.start ?? 0, end: (range?.end ?? content.size) - 5, of: content },
  }),
  tooMany: (reply, { range, content }) => ({
    ...withHeaders(reply, { "content-length": undefined }),
    body: { start: range?.start ?? 0, end: Math.min((range?.end ?? 0) + 5, content.size), of: content },
  }),
} satisfies Record<string, Fault>;
