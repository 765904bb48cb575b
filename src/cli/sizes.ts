import { UsageError } from "./usage.js";

const units: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** "500M" or "1G", in bytes: powers of 1024. */
export function parseSize(name: string, text: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (units[unit.toUpperCase()] ?? Number.NaN));
  if (bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER) return bytes;
  throw new UsageError(`${name} takes a size such as 500M or 1G, not "${text}"`);
}
