// What a linked binary says of itself, read from its own tables: the build machine's tools know only its own format.
import { exportedNames, globalSymbols, loadCommands } from "./mach-symbols.mjs";

/** `{ exports, missing, libraries, glibc, textRelocations }`; `missing`: symbols that somebody else must bring. */
export function inspectBinary(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f454c46) return inspectElf(bytes, view);
  if (view.getUint32(0, true) === 0xfeedfacf) return inspectMachO(bytes, view);
  if (view.getUint16(0) === 0x4d5a) return inspectPe(bytes, view);
  throw new TypeError("neither ELF nor Mach-O nor PE");
}

function textAt(bytes, begin) {
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, bytes.indexOf(0, begin) - begin).toString("latin1");
}

function inspectElf(bytes, view) {
  const u64 = (place) => Number(view.getBigUint64(place, true));
  const sections = Array.from({ length: view.getUint16(60, true) }, (_, index) => {
    const place = u64(40) + index * view.getUint16(58, true);
    const [type, link] = [view.getUint32(place + 4, true), view.getUint32(place + 40, true)];
    return { type, link, begin: u64(place + 24), size: u64(place + 32) };
  });
  const found = { exports: [], missing: [], libraries: [], glibc: null, textRelocations: false };
  const [dynamicTable, symbolTable, versionTable] = [6, 11, 0x6ffffffe].map((type) =>
    sections.find((section) => section.type === type),
  );
  const name = (table, offset) => textAt(bytes, sections[table.link].begin + offset);
  for (let place = symbolTable.begin + 24; place < symbolTable.begin + symbolTable.size; place += 24) {
    const isWeak = bytes[place + 4] >> 4 === 2;
    const isDefined = view.getUint16(place + 6, true) !== 0;
    const text = name(symbolTable, view.getUint32(place, true));
    if (isDefined) found.exports.push(text);
    else if (!isWeak) found.missing.push(text);
  }
  for (let place = dynamicTable.begin; place < dynamicTable.begin + dynamicTable.size; place += 16) {
    const [tag, value] = [u64(place), u64(place + 8)];
    if (tag === 1) found.libraries.push(name(dynamicTable, value));
    if (tag === 22 || (tag === 30 && (value & 4) !== 0)) found.textRelocations = true;
  }
  if (versionTable !== undefined) found.glibc = newestGlibc(neededVersions(view, versionTable, name));
  return found;
}

/** The version names of .gnu.version_r: a list of libraries, each with a list of versions. */
function neededVersions(view, table, name) {
  const names = [];
  for (let library = table.begin, next = 1; next !== 0; library += next) {
    next = view.getUint32(library + 12, true);
    let place = library + view.getUint32(library + 8, true);
    for (let left = view.getUint16(library + 2, true); left > 0; left--) {
      names.push(name(table, view.getUint32(place + 8, true)));
      place += view.getUint32(place + 12, true);
    }
  }
  return names;
}

export function newestGlibc(names) {
  const versions = names.flatMap((name) => (/^GLIBC_\d/.test(name) ? [name.slice("GLIBC_".length)] : []));
  return versions.sort(compareVersions).at(-1) ?? null;
}

export function compareVersions(left, right) {
  const [a, b] = [left, right].map((version) => version.split(".").map(Number));
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function inspectMachO(bytes, view) {
  const missing = globalSymbols(bytes, view).flatMap(({ name, isDefined }) => (isDefined ? [] : [name]));
  // LC_LOAD_DYLIB and its weak kind.
  const libraries = loadCommands(view)
    .filter(({ command }) => command === 0xc || command === 0x80000018)
    .map(({ place }) => textAt(bytes, place + view.getUint32(place + 8, true)));
  return { exports: exportedNames(bytes, view), missing, libraries, glibc: null, textRelocations: false };
}

function inspectPe(bytes, view) {
  const u32 = (place) => view.getUint32(place, true);
  const header = u32(0x3c);
  const optional = header + 24;
  const sections = Array.from({ length: view.getUint16(header + 6, true) }, (_, index) => {
    const place = optional + view.getUint16(header + 20, true) + index * 40;
    return { address: u32(place + 12), size: Math.max(u32(place + 8), u32(place + 16)), begin: u32(place + 20) };
  });
  const fileOffset = (address) => {
    const section = sections.find((one) => address >= one.address && address < one.address + one.size);
    return address - section.address + section.begin;
  };
  const found = { exports: [], missing: [], libraries: [], glibc: null, textRelocations: false };
  const [exportTable, importTable] = [u32(optional + 112), u32(optional + 120)];
  if (exportTable !== 0) {
    const table = fileOffset(exportTable);
    const names = fileOffset(u32(table + 32));
    for (let index = 0; index < u32(table + 24); index++) {
      found.exports.push(textAt(bytes, fileOffset(u32(names + index * 4))));
    }
  }
  for (let place = importTable === 0 ? 0 : fileOffset(importTable); place !== 0 && u32(place + 12) !== 0; place += 20) {
    found.libraries.push(textAt(bytes, fileOffset(u32(place + 12))));
    const lookups = fileOffset(u32(place) === 0 ? u32(place + 16) : u32(place));
    for (let lookup = lookups; u32(lookup) !== 0 || u32(lookup + 4) !== 0; lookup += 8) {
      const byNumber = u32(lookup + 4) >>> 31 === 1;
      if (!byNumber) found.missing.push(textAt(bytes, fileOffset(u32(lookup)) + 2));
    }
  }
  return found;
}
