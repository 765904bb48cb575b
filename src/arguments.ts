// Checks of single arguments: each returns the value or throws the FramepoolTypeError that names it.
import { FramepoolError, argumentError } from "./errors.js";

export function integer(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw argumentError(name, `an integer from ${String(least)} to ${String(most)}`, value);
}

/** Any integer that an array index may be, negative ones counting from the end. */
export function index(name: string, value: unknown): number {
  return integer(name, value, -(2 ** 31), 2 ** 31 - 1);
}

export function finite(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw argumentError(name, "a finite number", value);
}

export function positive(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw argumentError(name, "a finite number above 0", value);
}

/** What the check gives; undefined where nothing was given. */
export function optional<T, More extends readonly unknown[]>(
  check: (name: string, value: unknown, ...more: More) => T,
  name: string,
  value: unknown,
  ...more: More
): T | undefined {
  return value === undefined ? undefined : check(name, value, ...more);
}

export function boolean(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw argumentError(name, "a boolean", value);
}

export function folder(name: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  throw argumentError(name, "the path of a folder", value);
}

export function checkSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw argumentError("signal", "an AbortSignal", signal);
}

/** A list of numbers: an array, a typed array, anything iterable. There may be a million of them. */
export function numbers(
  name: string,
  values: unknown,
  each: (name: string, value: unknown) => number,
): Float64Array<ArrayBuffer> {
  const list = listOf(name, values);
  const checked = new Float64Array(list.length);
  let i = 0;
  try {
    for (; i < list.length; i++) checked[i] = each(name, list[i]);
  } catch (error) {
    // The name of a place is made only where it is told.
    each(`${name}[${String(i)}]`, list[i]);
    throw error;
  }
  return checked;
}

/** The same of what index() checks: a list that callers wait for, so that the loop holds nothing else. */
export function indexes(name: string, values: unknown): Int32Array<ArrayBuffer> {
  const list = listOf(name, values);
  const checked = new Int32Array(list.length);
  for (let i = 0; i < checked.length; i++) {
    const value = list[i];
    checked[i] = typeof value === "number" && (value | 0) === value ? value : index(`${name}[${String(i)}]`, value);
  }
  return checked;
}

function listOf(name: string, values: unknown): readonly unknown[] {
  if (!isIterable(values)) throw argumentError(name, "a list of numbers", values);
  return Array.isArray(values) ? (values as readonly unknown[]) : Array.from(values);
}

/** Not a text, which is one thing and no list of others. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/** The same, or what comes in its own time. */
export function isAnyIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return isIterable(value) || (typeof value === "object" && value !== null && Symbol.asyncIterator in value);
}

/** Names of codecs, sorted, so that equal choices look equal. */
export function codecNames(name: string, values: unknown): string[] {
  const expected = 'a list of names of codecs like "magicyuv"';
  if (!Array.isArray(values)) throw argumentError(name, expected, values);
  const names = new Set<string>();
  for (const value of values as readonly unknown[]) {
    if (typeof value !== "string" || !/^[a-z0-9_]+$/.test(value)) throw argumentError(name, expected, value);
    names.add(value);
  }
  return [...names].sort();
}

export function oneOf<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw argumentError(name, choices.map((choice) => JSON.stringify(choice)).join(" or "), value);
}

/** `what`: one of the library's own objects, which have these properties, or an object at least. */
export function checkObject(
  name: string,
  value: unknown,
  what: string,
  properties: readonly PropertyKey[] = [],
): asserts value is object {
  const isOne = typeof value === "object" && value !== null && properties.every((property) => property in value);
  if (!isOne) throw argumentError(name, what, value);
}

/** A misspelt option would otherwise be ignored in silence. */
export function knownKeys(name: string, value: unknown, keys: readonly string[]): void {
  checkObject(name, value, "an object");
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) throw argumentError(`${name}.${key}`, `one of ${keys.join(", ")}`, "an unknown option");
  }
}

/** A place in a batch; negative ones count from the end. Throws E_OUT_OF_RANGE. `what`: a row, a clip. */
export function placeIn(what: string, place: number, length: number): number {
  const normal = place < 0 ? place + length : place;
  if (Number.isInteger(normal) && normal >= 0 && normal < length) return normal;
  throw new FramepoolError("E_OUT_OF_RANGE", `${what} ${String(place)} is outside the batch of ${String(length)}`);
}

/** Milliseconds that a source may take for one read. */
export function readTimeout(milliseconds: number | undefined): number {
  return integer("options.readTimeoutMs", milliseconds ?? 30_000, 1, 2 ** 31 - 1);
}
