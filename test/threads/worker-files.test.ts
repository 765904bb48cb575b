import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { test } from "node:test";
import { decodeWorker, workerFile } from "../../src/threads/worker-files.js";

// What happened otherwise takes some thousand pools to see: the process was aborted, "IsGraphAsync must be used on an instantiated
// module", when one was closed while a thread was in there.
test("the file that Piscina's threads require requires and imports no ES module", () => {
  const file = workerFile(decodeWorker);
  assert.match(file.pathname, /\.cjs$/);
  const text = readFileSync(file, "utf8");
  const names = [...text.matchAll(/\b(?:require|import)\w*\(\s*["']([^"']+)["']\s*\)/g)].map(([, name]) => name ?? "");
  const others = names.filter((name) => !name.startsWith("node:") && !builtinModules.includes(name));
  assert.ok(names.length > 2, String(names));
  assert.deepEqual(
    others.filter((name) => name !== "piscina" && !name.endsWith(".node")),
    [],
  );
});
