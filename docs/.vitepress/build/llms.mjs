// llms.txt (what is where) and llms-full.txt (all of it), for programs that read: https://llmstxt.org
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sidebar } from "../sidebar.mjs";
import { pagesFolder, siteFolder } from "./folders.mjs";

export function writeTexts(base) {
  const groups = sidebar.map(({ text, items }) => ({
    text,
    pages: items.map(({ link }) => ({
      link,
      markdown: readFileSync(join(pagesFolder, `${link.slice(1)}.md`), "utf8"),
    })),
  }));
  const listed = new Set(groups.flatMap(({ pages }) => pages.map(({ link }) => `${link.slice(1)}.md`)));
  const lost = readdirSync(pagesFolder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".md") && !/^(index\.md|reference\/|benchmarks\/)/.test(file) && !listed.has(file));
  if (lost.length > 0) throw new Error(`docs/.vitepress/sidebar.mjs does not name ${lost.join(", ")}`);
  const front = readFileSync(join(pagesFolder, "index.md"), "utf8");
  const [title, summary] = front.split("\n\n");
  const lists = groups.map(({ text, pages }) => `## ${text}\n\n${pages.map((page) => entry(page, base)).join("\n")}`);
  const reference = `## Reference\n\n- [Every exported name](${base}reference/): with its options, units, bounds and errors`;
  const head = `${title}\n\n> ${summary}`;
  writeFileSync(join(siteFolder, "llms.txt"), `${[head, ...lists, reference].join("\n\n")}\n`);
  const texts = groups.flatMap(({ pages }) => pages.map(({ markdown }) => markdown.trim()));
  writeFileSync(join(siteFolder, "llms-full.txt"), `${[head, ...texts].join("\n\n")}\n`);
}

/** A page's title and first sentence. */
function entry({ link, markdown }, base) {
  const [, title] = /^# (.+)$/m.exec(markdown) ?? [];
  if (title === undefined) throw new Error(`${link} has no title`);
  const words = markdown.replaceAll(/^```.*?^```$/gms, "");
  const [paragraph = ""] = words.split(/\n\n+/).filter((part) => /^[A-Za-z`*[]/.test(part));
  const [sentence] = paragraph.replaceAll("\n", " ").split(/(?<=\.) /);
  return `- [${title}](${base}${link.slice(1)}.html)${sentence === "" ? "" : `: ${sentence.replaceAll(/\]\([^)]*\)|\[/g, "")}`}`;
}
