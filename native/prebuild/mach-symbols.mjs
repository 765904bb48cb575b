// Symbols of Apple's object files. Their linkers show what is global; C and C++ are compiled hidden, but FFmpeg's and other
// libraries' assembly for ARM makes its functions global, and zig's linker ignores a list of what to export.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const magic = 0xfeedfacf;
const [external, privateExternal, debug, type] = [0x01, 0x10, 0xe0, 0x0e];
const ofSymbolTable = 2;

/** `{ command, size, place }` of each load command of a Mach-O file of 64 bits. */
export function loadCommands(view) {
  const found = [];
  for (let left = view.getUint32(16, true), place = 32; left > 0; left--) {
    const [command, size] = [view.getUint32(place, true), view.getUint32(place + 4, true)];
    found.push({ command, size, place });
    place += size;
  }
  return found;
}

/** The global symbols: `{ place, name, isDefined }`, names as C has them; `place`: of the byte that says so. */
export function globalSymbols(bytes, view) {
  return loadCommands(view)
    .filter(({ command }) => command === ofSymbolTable)
    .flatMap(({ place }) => {
      const [symbols, count, strings] = [8, 12, 16].map((offset) => view.getUint32(place + offset, true));
      return Array.from({ length: count }, (_, index) => symbols + index * 16).flatMap((symbol) => {
        const kind = view.getUint8(symbol + 4);
        if ((kind & debug) !== 0 || (kind & privateExternal) !== 0 || (kind & external) === 0) return [];
        const begin = strings + view.getUint32(symbol, true);
        // Mach-O puts an underscore before every name.
        const name = bytes.toString("latin1", begin, bytes.indexOf(0, begin)).replace(/^_/, "");
        return [{ place: symbol + 4, name, isDefined: (kind & type) !== 0 }];
      });
    });
}

/** Makes every global symbol that an object defines one of the file that it is linked into; `bytes` change. */
function hideInObject(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 32 || view.getUint32(0, true) !== magic) return;
  for (const { place, isDefined } of globalSymbols(bytes, view)) {
    if (isDefined) bytes[place] |= privateExternal;
  }
}

/** The same in all objects of an archive, ar's format with BSD's names. */
function hideInArchive(bytes) {
  const header = 60;
  const text = (from, length) => bytes.toString("latin1", from, from + length).trim();
  for (let place = "!<arch>\n".length; place + header <= bytes.length;) {
    const size = Number(text(place + 48, 10));
    const name = text(place, 16);
    const nameLength = name.startsWith("#1/") ? Number(name.slice("#1/".length)) : 0;
    hideInObject(bytes.subarray(place + header + nameLength, place + header + size));
    place += header + size + (size % 2);
  }
}

/** Copies of the archives in these folders' `lib`, whose functions are found by what they are linked into and by nobody else. */
export function hideArchives(folders, copies) {
  for (const folder of folders.map((one) => join(one, "lib"))) {
    for (const name of readdirSync(folder).filter((one) => one.endsWith(".a"))) {
      const bytes = readFileSync(join(folder, name));
      hideInArchive(bytes);
      writeFileSync(join(copies, name), bytes);
    }
  }
}

/** What the dynamic linker finds in a linked file, from its trie of names. */
export function exportedNames(bytes, view) {
  for (const { command, place } of loadCommands(view)) {
    // LC_DYLD_INFO_ONLY, LC_DYLD_INFO and LC_DYLD_EXPORTS_TRIE.
    const at = { 0x80000022: 40, 0x22: 40, 0x80000033: 8 }[command];
    if (at === undefined) continue;
    const [begin, size] = [view.getUint32(place + at, true), view.getUint32(place + at + 4, true)];
    return size === 0 ? [] : namesBelow(bytes.subarray(begin, begin + size), 0, "");
  }
  return [];
}

function namesBelow(trie, node, prefix) {
  const [length, begin] = uleb128(trie, node);
  const found = length === 0 ? [] : [prefix.replace(/^_/, "")];
  let place = begin + length;
  for (let left = trie[place++]; left > 0; left--) {
    const end = trie.indexOf(0, place);
    const [child, next] = uleb128(trie, end + 1);
    found.push(...namesBelow(trie, child, prefix + trie.toString("latin1", place, end)));
    place = next;
  }
  return found;
}

/** The number there, and where what follows it begins. */
function uleb128(bytes, begin) {
  let [value, place] = [0, begin];
  do value += (bytes[place] & 0x7f) * 2 ** (7 * (place - begin));
  while ((bytes[place++] & 0x80) !== 0);
  return [value, place];
}
