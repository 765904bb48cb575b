import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type HttpSourceOptions, RemoteHttpSource } from "../../../src/sources/http/http-source.js";
import { memoryContent } from "../../support/content.js";
import { type Fault, type Occasion, faults } from "../../support/faults.js";
import { RangeServer } from "../../support/range-server.js";
import { assertBytes, patient, patterned, readAll, rejectsWith } from "../support.js";

const size = 300_000;
const data = patterned(size);
const other = patterned(size, 2);

let server: RangeServer;
before(async () => {
  server = await RangeServer.start();
});
after(() => server.close());

const quick: HttpSourceOptions = { blockSize: 16_384, readTimeoutMs: 1000 };

async function opened(url: URL, options: HttpSourceOptions = quick): Promise<RemoteHttpSource> {
  const source = new RemoteHttpSource(url, options);
  await source.open(patient());
  return source;
}

/** Everything that a decoder could do: the head, a jump, a row, and ranges known beforehand. */
async function readsRight(source: RemoteHttpSource, expected = data): Promise<void> {
  assertBytes(await readAll(source, 0, 20_000), expected.subarray(0, 20_000), "head");
  assertBytes(await readAll(source, 200_000, 50), expected.subarray(200_000, 200_050), "jump");
  const pieces = await source.share([{ position: 90_000, length: 60_000 }], patient());
  assertBytes(Buffer.concat(pieces.map(({ bytes }) => bytes)), expected.subarray(90_000, 150_000), "ranges");
  for (let at = 0; at < expected.length; at += 30_000) {
    assertBytes(await readAll(source, at, 30_000), expected.subarray(at, at + 30_000), `row at ${at}`);
  }
}

const opening = async (fault: Fault, options = quick): Promise<void> => {
  await opened(server.serve({ content: memoryContent(data), fault }), options);
};
const reading = async (fault: Fault, options = quick): Promise<void> => {
  await readsRight(await opened(server.serve({ content: memoryContent(data), fault }), options));
};
/** From the second request on. */
const later =
  (fault: Fault): Fault =>
  (reply, occasion) =>
    occasion.count > 1 ? fault(reply, occasion) : reply;

describe("an HTTP source", () => {
  it("learns the size with the first bytes, and reads the rest by ranges", async () => {
    const url = server.serve(data);
    server.resetTraffic();
    const source = new RemoteHttpSource(url, quick);
    const { size: told, key } = await source.open(patient());
    assert.equal(told, size);
    assert.ok(key?.startsWith(url.href));
    assertBytes(await readAll(source, 100, 500), data.subarray(100, 600));
    assert.deepEqual(server.traffic.ranges, [{ start: 0, end: 16_384 }]);
    assert.equal(server.traffic.headers[0]?.["accept-encoding"], "identity");
    await readsRight(source);
    const { requests, bytes } = source.stats;
    assert.equal(requests, server.traffic.requests);
    assert.equal(bytes, size, "each byte once");
  });

  it("shares what it fetched between all who read", async () => {
    const url = server.serve(data);
    server.resetTraffic();
    const source = new RemoteHttpSource(url, quick);
    await Promise.all(Array.from({ length: 8 }, async () => (await source.open(patient()), readsRight(source))));
    assert.equal(server.traffic.bytes, size);
  });

  it("copies a file that comes only as a whole, and is larger than the cache, to a temporary file, once", async () => {
    server.resetTraffic();
    const url = server.serve({ content: memoryContent(data), fault: faults.noRanges });
    const source = new RemoteHttpSource(url, { ...quick, cacheBytes: 50_000 });
    await Promise.all([1, 2].map(async () => (await source.open(patient()), readsRight(source))));
    await readsRight(source);
    assert.equal(server.traffic.bytes, size, "each byte once");
    assert.equal(source.stats.bytes, size);
    source.close();
  });

  it("begins such a copy again when it breaks, and gives up after the retries", async () => {
    const whole =
      (fault: Fault): Fault =>
      (reply, occasion) =>
        fault(faults.noRanges(reply, occasion), occasion);
    const options = { ...quick, cacheBytes: 0, retries: 2, readTimeoutMs: 1500 };
    await reading(whole(faults.reset), options);
    await reading(whole(faults.stallOnce), options);
    await reading(whole(faults.dribble), options);
    await rejectsWith(opening(whole(faults.resetAlways), options), "E_IO");
    await rejectsWith(opening(whole(faults.stallAlways), { ...options, readTimeoutMs: 200 }), "E_TIMEOUT");
  });

  it("ends such a copy with the signal", async () => {
    const stalling: Fault = (reply, occasion) => ({
      ...faults.noRanges(reply, occasion),
      delivery: "stall",
    });
    const source = new RemoteHttpSource(server.serve({ content: memoryContent(data), fault: stalling }), {
      ...quick,
      cacheBytes: 0,
    });
    const controller = new AbortController();
    const opening = source.open(controller.signal);
    opening.catch(() => undefined);
    while (source.stats.bytes === 0) await sleep(1);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(opening, reason);
  });

  it("reads empty files and files of one byte", async () => {
    const empty = new RemoteHttpSource(server.serve(new Uint8Array(0)), quick);
    assert.equal((await empty.open(patient())).size, 0);
    assert.equal(empty.readInto(new Uint8Array(4), 0, patient()), 0);
    const one = await opened(server.serve(new Uint8Array([7])));
    assert.deepEqual([...(await readAll(one, 0, 10))], [7]);
  });

  it("reuses its connections", async () => {
    const source = await opened(server.serve(data));
    await readAll(source, 0, 16_384);
    let connections = 0;
    const note = (): void => {
      connections++;
    };
    subscribe("undici:client:connected", note);
    for (let at = 280_000; at > 0; at -= 40_000) await readAll(source, at, 10);
    unsubscribe("undici:client:connected", note);
    assert.equal(connections, 0);
  });
});

describe("an HTTP source gets the right bytes from a server that", () => {
  const right = [
    "busy",
    "failing",
    "reset",
    "stallOnce",
    "dribble",
    "short",
    "noRanges",
    "noRangesLater",
  ] as const satisfies readonly (keyof typeof faults)[];
  for (const name of right) it(`is ${name}`, () => reading(faults[name]));

  it("breaks off again and again, but gets on each time", async () => {
    const isLong = ({ range }: Occasion): boolean => range !== undefined && range.end - range.start > 100;
    const fault: Fault = (reply, occasion) => (isLong(occasion) ? { ...reply, delivery: "reset" } : reply);
    const source = await opened(server.serve({ content: memoryContent(data), fault }), { ...quick, retries: 1 });
    assertBytes(await readAll(source, 0, 16_384), data.subarray(0, 16_384));
    assert.ok(source.stats.requests > 5);
  });

  it("tells versions by weak tag, by date, or not at all", async () => {
    for (const version of ["weak etag", "date", "none"] as const) {
      const source = new RemoteHttpSource(server.serve({ content: memoryContent(data), version }), quick);
      assert.equal((await source.open(patient())).key === undefined, version === "none");
      await readsRight(source);
    }
  });
});

describe("an HTTP source fails with", () => {
  const codes = [
    ["E_HTTP", "failingAlways"],
    ["E_HTTP", "busyForLong"],
    ["E_HTTP", "notImplemented"],
    ["E_HTTP", "unsatisfiable"],
    ["E_HTTP", "compressed"],
    ["E_HTTP", "noContentRange"],
    ["E_HTTP", "unknownSize"],
    ["E_HTTP", "noRangesNoLength"],
    ["E_HTTP", "redirectLoop"],
    ["E_HTTP", "redirectElsewhere"],
    ["E_HTTP", "otherRange"],
    ["E_HTTP", "tooMany"],
    ["E_ACCESS", "forbidden"],
    ["E_ACCESS", "unauthorized"],
    ["E_NOT_FOUND", "missing"],
    ["E_NOT_FOUND", "gone"],
    ["E_SOURCE_CHANGED", "sizeChanges"],
  ] as const satisfies readonly (readonly [string, keyof typeof faults])[];
  for (const [code, name] of codes) {
    it(`${code} when the server is ${name}`, async () => {
      const { source, message } = await rejectsWith(reading(faults[name], { ...quick, retries: 1 }), code);
      assert.ok(source?.startsWith(server.origin), message);
    });
  }

  it("E_TIMEOUT when bytes never come, however often it asks", async () => {
    server.resetTraffic();
    await rejectsWith(reading(faults.stallAlways, { ...quick, readTimeoutMs: 100, retries: 2 }), "E_TIMEOUT");
    assert.ok(server.traffic.requests > 1);
  });

  it("E_IO and the connection's own error as cause when nobody answers", async () => {
    const gone = await RangeServer.start();
    const url = gone.serve(data);
    await gone.close();
    const { cause } = await rejectsWith(opened(url, { ...quick, retries: 1 }), "E_IO");
    assert.equal((cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
  });

  it("E_IO when bodies end early", async () => {
    const url = server.serve({ content: memoryContent(data), fault: later(faults.tooFew) });
    const source = await opened(url, { ...quick, readTimeoutMs: 150, retries: 1 });
    // What came is kept, and the rest asked for: only the last bytes can fail.
    const error = await rejectsWith(readAll(source, size - 3, 3), "E_IO");
    assert.match(error.message, /ended/);
  });

  it("E_LIMIT when the whole file, the only way to have it, is larger than the cache and the temporary file may be", async () => {
    server.resetTraffic();
    const small = { ...quick, cacheBytes: size - 1 };
    const error = await rejectsWith(opening(faults.noRanges, { ...small, maxSpoolBytes: size - 1 }), "E_LIMIT");
    assert.match(error.message, /maxSpoolBytes, 299999$/);
    assert.equal(server.traffic.requests, 1);
    await opening(faults.noRanges, { ...small, maxSpoolBytes: size });
    await opening(faults.noRanges, { ...quick, cacheBytes: size, maxSpoolBytes: 0 });
  });

  it("E_CLOSED once it is closed", async () => {
    const source = await opened(server.serve(data));
    source.close();
    await rejectsWith(readAll(source, 0, 1), "E_CLOSED");
  });
});

describe("a file that changes between two reads", () => {
  for (const version of ["etag", "weak etag", "date"] as const) {
    it(`is E_SOURCE_CHANGED, told by ${version}; what is here stays`, async () => {
      const becomes = { content: memoryContent(other), after: 2 };
      const source = await opened(server.serve({ content: memoryContent(data), becomes, version }));
      assertBytes(await readAll(source, 0, 16_384), data.subarray(0, 16_384));
      assertBytes(await readAll(source, 250_000, 10), data.subarray(250_000, 250_010));
      await rejectsWith(readAll(source, 100_000, 10), "E_SOURCE_CHANGED");
      const { requests } = source.stats;
      await rejectsWith(source.share([{ position: 150_000, length: 10 }], patient()), "E_SOURCE_CHANGED");
      assert.equal(source.stats.requests, requests, "nothing is asked for any more");
      assertBytes(await readAll(source, 250_000, 10), data.subarray(250_000, 250_010));
    });
  }

  it("is E_SOURCE_CHANGED when it shrank below what is asked for", async () => {
    const becomes = { content: memoryContent(data.subarray(0, 50_000)), after: 1 };
    const source = await opened(server.serve({ content: memoryContent(data), becomes, version: "none" }));
    await rejectsWith(readAll(source, 100_000, 10), "E_SOURCE_CHANGED");
  });

  it("never mixes bytes in the middle of a body", async () => {
    const becomes = { content: memoryContent(other), after: 1 };
    const url = server.serve({ content: memoryContent(data), becomes, fault: faults.reset });
    const source = await opened(url);
    await rejectsWith(readAll(source, 0, 16_384), "E_SOURCE_CHANGED");
  });
});

describe("an abort", () => {
  it("settles at once with its reason, and ends the request", async () => {
    const [stop, reason] = [new AbortController(), new Error("enough")];
    const fault: Fault = (reply, occasion) => {
      // The one after those of the opening: somebody waits for it now.
      if (occasion.range !== undefined && occasion.range.start > 0) stop.abort(reason);
      return faults.stallAlways(reply);
    };
    const url = server.serve({ content: memoryContent(data), fault });
    const source = await opened(url, { ...quick, readTimeoutMs: 60_000 });
    const reads = [
      readAll(source, 200_000, 10_000, stop.signal),
      source.share([{ position: 90_000, length: 9 }], stop.signal),
    ];
    for (const result of await Promise.allSettled(reads)) {
      assert.equal(result.status === "rejected" && result.reason, reason);
    }
    await assert.rejects(readAll(source, 100_000, 1, stop.signal), reason);
  });

  it("ends an opening that hangs, and a pause between attempts", async () => {
    const reason = new Error("enough");
    const busy = { status: 503, headers: { "retry-after": "50" }, body: new Uint8Array(0) };
    for (const answer of [new Promise<never>(() => undefined), busy]) {
      const stop = new AbortController();
      const fault: Fault = () => {
        setImmediate(() => stop.abort(reason));
        return answer;
      };
      const url = server.serve({ content: memoryContent(data), fault });
      await assert.rejects(new RemoteHttpSource(url, { readTimeoutMs: 60_000 }).open(stop.signal), reason);
    }
  });
});
