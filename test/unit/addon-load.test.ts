import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AddonLoadError, loadBinding } from "../../native/load.js";

// What dlopen and Node say, and the cause that the user must read.
const cases: readonly (readonly [said: string, cause: RegExp])[] = [
  ["Cannot find module '/x/native/build/Release/framepool.node'\nRequire stack:\n- /x/load.js", /was never built/],
  ["libavformat.so.59: cannot open shared object file: No such file or directory", /removed or replaced/],
  ["dlopen(framepool.node): Library not loaded: /opt/homebrew/lib/libswscale.8.dylib", /removed or replaced/],
  ["/x/framepool.node: invalid ELF header", /built for another system/],
  ["dlopen(framepool.node): incompatible architecture (have 'x86_64', need 'arm64')", /built for another system/],
  ["/lib/libc.so.6: version `GLIBC_2.38' not found (required by framepool.node)", /other versions of the system/],
  ["framepool.node: undefined symbol: av_packet_side_data_get", /other versions of the system/],
  ["something new", /likely causes: .*was never built.*removed or replaced.*another system/],
];

describe("the addon's loader", () => {
  it("loads the addon that the set-up built", () => {
    assert.equal(typeof loadBinding(), "object");
  });

  for (const [said, cause] of cases) {
    it(`explains: ${said.split("\n")[0] ?? said}`, () => {
      const original = new Error(said);
      const error = new AddonLoadError(original);
      assert.equal(error.code, "E_ADDON");
      assert.equal(error.cause, original);
      assert.match(error.message, cause);
      assert.match(error.message, /Build it here with: node ".*install\.mjs"/);
      assert.ok(!error.message.includes("\n"), "one line");
    });
  }
});
