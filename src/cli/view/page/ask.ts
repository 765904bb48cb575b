import type { Answer, FileError, FrameFacts, Mode } from "../answers.js";
import type { Target } from "../calls.js";

export interface Picture {
  readonly facts: FrameFacts;
  readonly file: Blob;
}

/** Something that the server answers with JSON. Rejects when the server is gone. */
export async function ask<Facts>(what: string, query: Readonly<Record<string, string>> = {}): Promise<Answer<Facts>> {
  const response = await fetch(`${what}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error((await response.text()).trim());
  return (await response.json()) as Answer<Facts>;
}

/** Where a picture is had: to be looked at, or all of its pixels to be kept. */
export function pictureAddress(stream: number, mode: Mode, target: Target, format: "jpeg" | "png"): string {
  const place = target.by === "index" ? { index: String(target.index) } : { time: String(target.seconds) };
  return `frame?${new URLSearchParams({ stream: String(stream), mode, format, ...place })}`;
}

export async function askPicture(
  stream: number,
  mode: Mode,
  target: Target,
  signal: AbortSignal,
): Promise<Picture | { readonly error: FileError }> {
  const response = await fetch(pictureAddress(stream, mode, target, "jpeg"), { signal });
  const facts = response.headers.get("framepool-frame");
  if (facts !== null) return { facts: JSON.parse(facts) as FrameFacts, file: await response.blob() };
  if (!response.ok) throw new Error((await response.text()).trim());
  return (await response.json()) as { readonly error: FileError };
}
