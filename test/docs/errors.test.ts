import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../../..");

function codesIn(file: string, pattern: RegExp): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...new Set([...text.matchAll(pattern)].map(([, code]) => code!))].sort();
}

test("the page of errors has every code, and no other", () => {
  const codes = codesIn("src/errors.ts", /^ {2}\| "(E_\w+)"/gm);
  assert.ok(codes.includes("E_DECODE") && codes.includes("E_INTERNAL"));
  assert.deepEqual(codesIn("docs/guide/errors.md", /^\| `(E_\w+)`/gm), codes);
});
