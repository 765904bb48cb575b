import type { EncodeOptions } from "../../index.js";
import { BadRequest } from "../page-server.js";
import type { Mode } from "./answers.js";
import type { Place } from "./viewed-file.js";

export function streamOf(query: URLSearchParams): number | undefined {
  const text = query.get("stream");
  return text === null ? undefined : wholeNumber("stream", text, 0);
}

/** Which version of the file is meant; undefined: the one that is open. */
export function openingOf(query: URLSearchParams): number | undefined {
  const text = query.get("opening");
  return text === null ? undefined : wholeNumber("opening", text, 1);
}

export function modeOf(query: URLSearchParams): Mode {
  const mode = query.get("mode") ?? "exact";
  if (mode === "exact" || mode === "approximate") return mode;
  throw new BadRequest("mode is exact or approximate");
}

/** A frame by its number, from the end where that is negative, or by a time in seconds. */
export function placeOf(query: URLSearchParams): Place {
  const [index, time] = [query.get("index"), query.get("time")];
  if (index !== null && time === null) return { indices: [wholeNumber("index", index, Number.MIN_SAFE_INTEGER)] };
  if (index !== null || time === null) throw new BadRequest("one of index and time says which frame");
  const seconds = Number(time);
  if (time.trim() === "" || !Number.isFinite(seconds)) throw new BadRequest("time is a number of seconds");
  return { times: [seconds] };
}

/** To be looked at, or to be kept. */
export function encodeOf(query: URLSearchParams): EncodeOptions {
  const format = query.get("format") ?? "jpeg";
  if (format === "jpeg" || format === "png") return { format };
  throw new BadRequest("format is jpeg or png");
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^-?\d{1,15}$/.test(text) && value >= least) return value;
  throw new BadRequest(`${name} is a whole number`);
}
