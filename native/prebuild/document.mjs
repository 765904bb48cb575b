// The packages' sizes in the docs.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../commands.mjs";

const path = join(root, "docs/prebuilt.md");

/** `packed`: `{ name, size, unpackedSize }` of each package, sizes in bytes. */
export function withSizes(text, packed) {
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const rows = packed.map(({ name, size, unpackedSize }) => [`\`${name}\``, megabytes(size), megabytes(unpackedSize)]);
  const columns = ["Package", "Packed", "Installed"].map((title, place) => {
    const width = Math.max(title.length, ...rows.map((row) => row[place].length));
    return { title, width, pad: (cell) => (place === 0 ? cell.padEnd(width) : cell.padStart(width)) };
  });
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const table = [
    line(columns.map(({ title, pad }) => pad(title))),
    line(columns.map(({ width }, place) => (place === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))),
    ...rows.map((row) => line(row.map((cell, place) => columns[place].pad(cell)))),
  ];
  return text.replace(/(<!-- sizes: [^\n]*-->\n)[^]*?(<!-- end of sizes -->)/, (_, begin, end) => {
    return `${begin}\n${table.join("\n")}\n\n${end}`;
  });
}

export function documentSizes(packed) {
  const text = readFileSync(path, "utf8");
  const changed = withSizes(text, packed);
  if (changed !== text) writeFileSync(path, changed);
}
