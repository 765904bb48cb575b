// Functions of an entry on one page, and its types on another, each with a place of its own: a page for each would be hundreds, most of them short.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

/** Folders of the generated pages, and the page that each goes into. */
const pages = { functions: "functions", interfaces: "types", "type-aliases": "types" };
const titles = { functions: "Functions", types: "Types" };
const joined = /^(.*)\/(functions|interfaces|type-aliases)\/(\w+)\.md$/;

export function joinPages(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".md"))
    .sort();
  const gathered = new Map();
  for (const file of files) {
    const { page, name } = placeOf(file) ?? {};
    const text = relinked(readFileSync(join(folder, file), "utf8"), file, page ?? file);
    if (page === undefined) writeFileSync(join(folder, file), text);
    else gathered.set(page, [...(gathered.get(page) ?? []), { name, text }]);
  }
  for (const [page, names] of gathered) {
    names.sort((a, b) => a.name.localeCompare(b.name, "en"));
    const parts = names.map(({ name, text }) => asPart(name, text));
    const title = titles[posix.basename(page, ".md")];
    for (const kind of Object.keys(pages))
      rmSync(join(folder, posix.dirname(page), kind), { recursive: true, force: true });
    writeFileSync(join(folder, page), ["---\noutline: 2\n---", `# ${title}`, ...parts].join("\n\n"));
  }
}

function placeOf(file) {
  const [, entry, kind, name] = joined.exec(file) ?? [];
  return entry === undefined ? undefined : { page: `${entry}/${pages[kind]}.md`, name };
}

/** Below the page's title; places within a name's part are called alike in all of them: what leads there leads to the part. */
function asPart(name, text) {
  return text
    .replace(/^# .*$/m, "")
    .replaceAll(/^(#+) /gm, "#$1 ")
    .replaceAll(/<a id="[^"]*"><\/a> ?/g, "")
    .replaceAll(/\]\(#[^)]*\)/g, `](#${name})`)
    .replace(/^/, `## ${name} {#${name}}\n\n`)
    .trim();
}

function relinked(text, from, to) {
  return text.replaceAll(/\]\(([^)#\s]+\.md)(#[^)]*)?\)/g, (_, path, place = "") => {
    const target = posix.join(posix.dirname(from), path);
    const { page, name } = placeOf(target) ?? {};
    return `](${posix.relative(posix.dirname(to), page ?? target)}${page === undefined ? place : `#${name}`})`;
  });
}
