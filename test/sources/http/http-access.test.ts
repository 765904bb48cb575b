import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { FramepoolTypeError } from "../../../src/errors.js";
import { type HttpSourceOptions, RemoteHttpSource, httpSource } from "../../../src/sources/http/http-source.js";
import { isPrivateAddress, lookupPublic } from "../../../src/sources/http/private-addresses.js";
import { memoryContent } from "../../support/content.js";
import type { Fault } from "../../support/faults.js";
import { RangeServer } from "../../support/range-server.js";
import { assertBytes, patient, patterned, readAll, rejectsWith } from "../support.js";

const data = patterned(100_000);
const options = { blockSize: 8192, retries: 1 };

let near: RangeServer;
let far: RangeServer;
before(async () => {
  [near, far] = await Promise.all([RangeServer.start(), RangeServer.start()]);
});
after(() => Promise.all([near.close(), far.close()]));

const redirectTo =
  (location: string, status = 302): Fault =>
  () => ({ status, headers: { location, "content-length": "3" }, body: new Uint8Array(3) });

const redirecting = (location: string, status?: number): URL =>
  near.serve({ content: memoryContent(data), fault: redirectTo(location, status) });

async function read(url: URL, more: HttpSourceOptions = {}): Promise<RemoteHttpSource> {
  const source = new RemoteHttpSource(url, { ...options, ...more });
  await source.open(patient());
  assertBytes(await readAll(source, 60_000, 100), data.subarray(60_000, 60_100));
  return source;
}

describe("redirects", () => {
  it("are followed, also relative ones, and not asked for again", async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const target = near.serve(data);
      near.resetTraffic();
      await read(redirecting(`..${target.pathname}`, status));
      assert.equal(near.traffic.requests, 3);
    }
  });

  it("keep the caller's headers on the same origin, and drop them on another", async () => {
    const headers = { authorization: "Bearer secret", cookie: "a=b", "x-api-key": "key", "user-agent": "tester" };
    const [sameTarget, otherTarget] = [near.serve(data), far.serve(data)];
    near.resetTraffic();
    await read(redirecting(sameTarget.href), { headers });
    for (const sent of near.traffic.headers) {
      assert.deepEqual(
        {
          authorization: sent.authorization,
          cookie: sent.cookie,
          "x-api-key": sent["x-api-key"],
          "user-agent": sent["user-agent"],
        },
        headers,
      );
    }
    far.resetTraffic();
    await read(redirecting(otherTarget.href), { headers });
    assert.equal(far.traffic.requests, 2);
    for (const sent of far.traffic.headers) {
      assert.equal(sent["user-agent"], "tester");
      for (const name of ["authorization", "cookie", "x-api-key"]) assert.equal(sent[name], undefined, name);
    }
  });

  it("are asked for again when what they led to has expired", async () => {
    const expiring = far.serve({
      content: memoryContent(data),
      fault: (reply, { count }) => (count > 1 ? { ...reply, status: 403 } : reply),
    });
    const fresh = far.serve(data);
    const targets = [expiring.href, fresh.href];
    const url = near.serve({
      content: memoryContent(data),
      fault: (_reply, { count }) => ({
        status: 302,
        headers: { location: targets[count - 1] ?? "" },
        body: new Uint8Array(0),
      }),
    });
    await read(url);
  });
});

describe("credentials in the address", () => {
  it("are sent as basic authorization, and shown nowhere", async () => {
    const url = near.serve(data);
    url.username = "me";
    url.password = "p%40ss";
    near.resetTraffic();
    const source = await read(url);
    assert.equal(near.traffic.headers[0]?.authorization, `Basic ${Buffer.from("me:p@ss").toString("base64")}`);
    assert.ok(![source.url, source.label].some((text) => /me|p%40ss/.test(text.replace(/^.*\/\/127/, ""))));
    assert.ok(!source.url.includes("@"));
  });
});

describe("allowHost", () => {
  it("is asked about every address, and refuses with E_ACCESS before anything is sent", async () => {
    const target = far.serve(data);
    const asked: string[] = [];
    const allowHost = (address: URL): boolean => {
      asked.push(address.host);
      return address.host !== target.host;
    };
    far.resetTraffic();
    const url = redirecting(target.href);
    await rejectsWith(read(url, { allowHost }), "E_ACCESS");
    assert.deepEqual(asked, [url.host, target.host]);
    assert.equal(far.traffic.requests, 0);
  });
});

describe("refusePrivateAddresses", () => {
  const refusePrivateAddresses = true;

  it("refuses names that stand for such an address, and addresses however they are written", async () => {
    near.resetTraffic();
    const { port, pathname } = near.serve(data);
    for (const host of ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
      const url = new URL(`http://${host}:${port}${pathname}`);
      const { message } = await rejectsWith(read(url, { refusePrivateAddresses }), "E_ACCESS");
      assert.match(message, /not a public address/);
    }
    assert.equal(near.traffic.requests, 0);
    await read(new URL(`http://localhost:${port}${pathname}`));
  });

  it("knows what is private", () => {
    const inside = [
      "10.1.2.3",
      "100.64.0.1",
      "127.9.9.9",
      "169.254.169.254",
      "172.31.255.255",
      "192.168.0.1",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "::1",
      "::ffff:10.0.0.1",
      "64:ff9b::a00:1",
      "fc00::1",
      "fe80::1",
      "ff02::1",
      "2002:a00:1::",
      "2001::1",
      "3fff::1",
      "4000::1",
      "5f00::1",
      "::ffff:127.0.0.1",
      "no address",
    ];
    const outside = [
      "1.1.1.1",
      "172.32.0.1",
      "100.128.0.1",
      "192.169.0.1",
      "223.255.255.255",
      "2606:4700::1111",
      "2a00::1",
      "::ffff:1.1.1.1",
    ];
    assert.deepEqual(
      inside.filter((address) => !isPrivateAddress(address)),
      [],
    );
    assert.deepEqual(outside.filter(isPrivateAddress), []);
  });

  it("looks at what a name stands for as the connection is made", async () => {
    const answers = [true, false].map(
      (all) => new Promise((resolve) => lookupPublic("localhost", { all }, (error) => resolve(error?.message))),
    );
    for (const message of await Promise.all(answers))
      assert.match(String(message), /^localhost \(.*\) is not a public/);
  });
});

describe("options", () => {
  it("that are wrong throw a FramepoolTypeError", () => {
    const url = "http://127.0.0.1/clip.mp4";
    const wrong: readonly (() => unknown)[] = [
      () => httpSource("clip.mp4"),
      () => httpSource("ftp://example.org/clip.mp4"),
      () => httpSource(3 as unknown as string),
      () => httpSource(url, { blockSize: 10 }),
      () => httpSource(url, { retries: -1 }),
      () => httpSource(url, { readTimeoutMs: 0 }),
      () => httpSource(url, { cacheBytes: 1.5 }),
      () => httpSource(url, { allowHost: "example.org" as unknown as () => boolean }),
      () => httpSource(url, { headers: { "a b": "c" } }),
      () => httpSource(url, { headers: { a: "b\r\nc: d" } }),
      () => httpSource(url, { headers: { Range: "bytes=0-1" } }),
      () => httpSource(url, { blocksize: 65_536 } as HttpSourceOptions),
    ];
    for (const call of wrong) assert.throws(call, FramepoolTypeError, String(call));
  });

  it("take headers in every shape", async () => {
    for (const headers of [{ "X-A": "b" }, new Headers({ "x-a": "b" }), [["x-a", "b"]] as const]) {
      const url = near.serve(data);
      near.resetTraffic();
      await read(url, { headers });
      assert.ok(near.traffic.headers.every((sent) => sent["x-a"] === "b"));
    }
  });
});
