// What the addon is compiled of and with, for those who do not build it with node-gyp.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listFiles, root } from "./commands.mjs";

/** The addon's sources, in the order of their names. */
export function addonSources() {
  return listFiles(["native/av", "native/binding"], /\.cc$/);
}

/** The `-D` flags that binding.gyp asks for. */
export function addonDefines() {
  const defines = readFileSync(join(root, "native/binding.gyp"), "utf8").matchAll(/^ +"(N\w+(?:=\d+)?)",?$/gm);
  return [...defines].map(([, define]) => `-D${define}`);
}

/** The compiler flags of binding.gyp, warnings left out. */
export function addonFlags() {
  const [, list] = /"framepool_flags": \[([^\]]*)\]/.exec(readFileSync(join(root, "native/binding.gyp"), "utf8"));
  return [...list.matchAll(/"([^"]+)"/g)].map(([, flag]) => flag);
}
