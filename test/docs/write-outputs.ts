// `node dist/test/docs/write-outputs.js [WORD...]`: puts what the blocks print into the pages whose path holds a word, where these show it.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { pages } from "../support/pages.js";
import { readerOf } from "./run-page.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const words = process.argv.slice(2);

for (const page of pages()) {
  if (words.length > 0 && !words.some((word) => page.path.includes(word))) continue;
  if (!page.blocks.some(({ output }) => output !== null)) continue;
  const reader = await readerOf(page);
  let text = await readFile(`${root}${page.path}`, "utf8");
  for (const block of page.blocks) {
    if (block.notRun !== null || block.notOurs !== null || !["js", "sh"].includes(block.language)) continue;
    const { stdout } = await reader.run(block);
    if (block.output === null) continue;
    const before = `${block.code}\`\`\`\n\n\`\`\`text\n`;
    text = text.replace(`${before}${block.output}\`\`\``, () => `${before}${stdout}\`\`\``);
  }
  await reader.close();
  await writeFile(`${root}${page.path}`, text);
  console.log(page.path);
}
