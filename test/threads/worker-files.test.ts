import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { decodeWorker, workerFile } from "../../src/threads/worker-files.js";

// What happened otherwise takes some thousand pools to see: the process was aborted, "IsGraphAsync must be used on an instantiated
// module", when one was closed while a thread was in there.
test("the file that Piscina's threads require requires no ES module: it imports one", async () => {
  const required: unknown = createRequire(import.meta.url)(fileURLToPath(workerFile(decodeWorker)));
  assert.ok(required instanceof Promise);
  // Its setup is a thread's: here it cannot come up.
  await assert.rejects(required);
});
