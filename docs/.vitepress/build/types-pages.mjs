// Interfaces and type aliases of an entry on one page, each with a place of its own: a page for each would be hundreds, most of them a line.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";

const kinds = ["interfaces", "type-aliases"];
const typePage = /^(.*)\/(?:interfaces|type-aliases)\/(\w+)\.md$/;

export function joinTypes(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".md"))
    .sort();
  const gathered = new Map();
  for (const file of files) {
    const [, entry, name] = typePage.exec(file) ?? [];
    const target = entry === undefined ? file : `${entry}/types.md`;
    const text = relinked(readFileSync(join(folder, file), "utf8"), file, target);
    if (entry === undefined) writeFileSync(join(folder, file), text);
    else gathered.set(target, [...(gathered.get(target) ?? []), { name, text }]);
  }
  for (const [page, types] of gathered) {
    types.sort((a, b) => a.name.localeCompare(b.name, "en"));
    const parts = types.map(({ name, text }) => asPart(name, text));
    writeFileSync(join(folder, page), ["---\noutline: 2\n---", "# Types", ...parts].join("\n\n"));
    for (const kind of kinds) rmSync(join(folder, posix.dirname(page), kind), { recursive: true, force: true });
  }
}

/** Below the page's title; places within a type are named alike in all of them, and nothing leads there. */
function asPart(name, text) {
  return text
    .replace(/^# .*$/m, "")
    .replaceAll(/^(#+) /gm, "#$1 ")
    .replaceAll(/<a id="[^"]*"><\/a> ?/g, "")
    .replace(/^/, `## ${name} {#${name}}\n\n`)
    .trim();
}

function relinked(text, from, to) {
  return text.replaceAll(/\]\(([^)#\s]+\.md)(#[^)]*)?\)/g, (_, path, place = "") => {
    const target = posix.join(posix.dirname(from), path);
    const [, entry, name] = typePage.exec(target) ?? [];
    const moved = entry === undefined ? `${target}${place}` : `${entry}/types.md#${name}`;
    return `](${posix.relative(posix.dirname(to), moved)})`;
  });
}
