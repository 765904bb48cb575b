import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { plain } from "./api/support/clips.js";
import { fileContent } from "./support/content.js";
import { hangMs } from "./support/hang.js";
import { RangeServer } from "./support/range-server.js";

const run = promisify(execFile);
const folder = new URL("../bench/streaming/examples/", import.meta.url);
const shared = ["first-frame.js", "file-op-counter.js"];

const frame = String.raw`: 96x64 after \d+ ms\n`;
/** What each prints; those with `remote` are given an address. */
const examples: Readonly<Record<string, { remote: boolean; output: RegExp }>> = {
  "existing-bytes.js": {
    remote: false,
    output: new RegExp(`^bytes, copied once so that the workers see them${frame}bytes in shared memory${frame}$`),
  },
  "download-first.js": { remote: true, output: new RegExp(`^downloaded \\d{5} bytes in \\d+ ms\nthen${frame}$`) },
  "direct-url.js": { remote: true, output: new RegExp(`^URL given directly${frame}$`) },
  "streaming-source.js": {
    remote: true,
    output: new RegExp(`^streaming source${frame}[12] requests, \\d{5} bytes\nonce more${frame}0 more requests\n$`),
  },
  "path-or-open-file.js": { remote: false, output: new RegExp(`^path${frame}open file${frame}$`) },
  "operation-counter.js": {
    remote: false,
    output:
      /^(?:(?:approximate|exact), decoder construction: [1-4] reads, [1-5] seeks\n(?:approximate|exact), first frame: [0-2] reads, [0-2] seeks\n){2}$/,
  },
};

describe("the tutorial's examples", () => {
  let server: RangeServer;
  let address: URL;
  before(async () => {
    server = await RangeServer.start();
    address = server.serve({ content: await fileContent(plain.path()) }, "talk.mp4");
  });
  after(() => server.close());

  it("are all run here", async () => {
    const files = (await readdir(folder)).filter((file) => file.endsWith(".js") && !shared.includes(file));
    assert.deepEqual(files.sort(), Object.keys(examples).sort());
  });

  for (const [file, { remote, output }] of Object.entries(examples)) {
    it(`${file} prints what it promises`, async () => {
      const argument = remote ? address.href : plain.path();
      const { stdout, stderr } = await run(process.execPath, [fileURLToPath(new URL(file, folder)), argument], {
        timeout: hangMs,
      });
      assert.equal(stderr, "");
      assert.match(stdout, output);
    });
  }
});
