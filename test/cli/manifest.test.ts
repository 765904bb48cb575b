import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Manifest, type ManifestEntry } from "../../src/cli/manifest.js";
import { temporaryFolder } from "./support.js";

const folder = temporaryFolder();

function entries(source: string, count: number): ManifestEntry[] {
  const common = { source, key: source.slice(1), durationSeconds: 0.04, status: "ok", width: 64, height: 48 };
  return Array.from({ length: count }, (_, index) => ({
    ...common,
    index,
    ptsSeconds: index * 0.04,
    path: `${common.key}/${index}.png`,
  }));
}

function text(...blocks: ManifestEntry[][]): string {
  return blocks
    .flat()
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join("");
}

test("long blocks stay whole", async () => {
  const path = join(folder, "long.jsonl");
  const manifest = await Manifest.open(path);
  // Above the 512 KiB that Node writes in one piece.
  const blocks = ["/a", "/b", "/c"].map((source) => entries(source, 8000));
  for (const block of blocks) manifest.put(block[0]!.source, block);
  await manifest.close();
  assert.equal(readFileSync(path, "utf8"), text(...blocks));
});

test("names that look like what is between lines, and a source that has none", async () => {
  const path = join(folder, "names.jsonl");
  const manifest = await Manifest.open(path);
  const blocks = ['/a},{"source":"/b', "/a},{", "/},"].map((source) => entries(source, 2));
  for (const block of blocks) manifest.put(block[0]!.source, block);
  manifest.put("/empty", []);
  await manifest.close();
  assert.equal(readFileSync(path, "utf8"), text(...blocks));
});

test("a later block of a source takes the place of an earlier one, also right behind it", async () => {
  const path = join(folder, "later.jsonl");
  const first = await Manifest.open(path);
  first.put("/a", entries("/a", 2));
  first.put("/b", entries("/b", 2));
  first.put("/b", entries("/b", 5).slice(3));
  first.put("/a", entries("/a", 1));
  await first.close();
  assert.equal(readFileSync(path, "utf8"), text(entries("/b", 5).slice(3), entries("/a", 1)));
});

test("what a process left that was killed before it could tidy up is mended by the next", async () => {
  const path = join(folder, "killed.jsonl");
  const killed = await Manifest.open(path);
  killed.put("/a", entries("/a", 3));
  killed.put("/a", entries("/a", 2));
  writeFileSync(path, text(entries("/b", 2)).slice(0, -30), { flag: "a" });
  const next = await Manifest.open(path);
  await next.close();
  assert.equal(readFileSync(path, "utf8"), text(entries("/a", 2), entries("/b", 1)));
});

test("a source that is removed has no lines after the close", async () => {
  const path = join(folder, "removed.jsonl");
  const manifest = await Manifest.open(path);
  manifest.put("/a", entries("/a", 2));
  manifest.put("/b", entries("/b", 2));
  manifest.remove("/a");
  await manifest.close();
  assert.equal(readFileSync(path, "utf8"), text(entries("/b", 2)));
});
