import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * The files that an argument with * or ? in its last part names, sorted; itself where there are none. Shells do this
 * everywhere but on Windows, where such names cannot exist.
 */
export function expandWildcards(argument: string): string[] {
  const pattern = basename(argument);
  if (!/[*?]/.test(pattern) || /^https?:/i.test(argument)) return [argument];
  const folder = dirname(argument);
  const wanted = new RegExp(
    `^${pattern.replace(/[^*?]/g, escaped).replaceAll("*", ".*").replaceAll("?", ".")}$`,
    "isu",
  );
  // Names that begin with a dot are meant only by a pattern that does.
  const found = namesIn(folder).filter(
    (name) => wanted.test(name) && (!name.startsWith(".") || pattern.startsWith(".")),
  );
  if (found.length === 0) return [argument];
  return found.sort().map((name) => (argument === pattern ? name : join(folder, name)));
}

function escaped(character: string): string {
  return /[\\^$.+()[\]{}|]/.test(character) ? `\\${character}` : character;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
