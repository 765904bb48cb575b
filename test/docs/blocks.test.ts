import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Block, pages } from "../support/pages.js";
import { readerOf } from "./run-page.js";

/** Shown, not run: what something prints, drawings, and files of other programs. */
const shown = new Set(["text", "dot", "json", "yaml", "dockerfile", "chart"]);
const runnable = new Set(["js", "sh"]);

function isRun({ language, notRun, notOurs }: Block): boolean {
  return runnable.has(language) && notRun === null && notOurs === null;
}

describe("the README and the pages", () => {
  it("have blocks, each of a kind that is known and run, or with the reason why not", () => {
    assert.ok(pages().length > 3);
    for (const { path, blocks } of pages()) {
      for (const block of blocks) {
        const { language, line, notRun, notOurs } = block;
        const known = runnable.has(language) || shown.has(language) || notOurs !== null;
        assert.ok(known, `${path}:${String(line)} is in "${language}"`);
        const reason = notRun ?? notOurs;
        if (reason !== null) assert.ok(reason.trim().split(" ").length >= 3, `${path}:${String(line)}: ${reason}`);
      }
    }
  });

  for (const page of pages()) {
    const blocks = page.blocks.filter(isRun);
    if (blocks.length === 0) continue;
    it(`${page.path}: its blocks run as pasted, one after the other, and print what it shows`, async () => {
      const reader = await readerOf(page);
      try {
        for (const block of blocks) {
          const where = `${page.path}:${String(block.line)}`;
          const { stdout, stderr } = await reader.run(block).catch((error: unknown) => {
            throw new Error(`${where}: ${String(error)}`);
          });
          if (block.language === "js") assert.equal(stderr, "", where);
          if (block.language === "js" && block.file === null) assert.notEqual(stdout, "", `${where} prints nothing`);
          if (block.output !== null) assert.equal(stdout, block.output, where);
        }
      } finally {
        await reader.close();
      }
    });
  }
});
