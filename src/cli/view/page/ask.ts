import type { Answer, FileError, FrameFacts, Mode } from "../answers.js";
import type { Target } from "../calls.js";

export interface Picture {
  readonly facts: FrameFacts;
  readonly file: Blob;
}

/** Said with all that is asked for: another page may have had a newer version of the file opened. */
let version: Readonly<Record<string, string>> = {};
let whenChanged = (): void => undefined;

/** From now on of this version; `changed` is called when an answer says that the file is another one. */
export function askOf(opening: number, changed: () => void): void {
  version = { opening: String(opening) };
  whenChanged = changed;
}

/** Something that the server answers with JSON. Rejects when the server is gone. */
export async function ask<Facts>(what: string, query: Readonly<Record<string, string>> = {}): Promise<Answer<Facts>> {
  const response = await fetch(`${what}?${new URLSearchParams({ ...query, ...version })}`);
  return await answerIn<Facts>(response);
}

/** Where a picture is had: to be looked at, or all of its pixels to be kept. */
export function pictureAddress(stream: number, mode: Mode, target: Target, format: "jpeg" | "png"): string {
  const place = target.by === "index" ? { index: String(target.index) } : { time: String(target.seconds) };
  return `frame?${new URLSearchParams({ stream: String(stream), mode, format, ...place, ...version })}`;
}

export async function askPicture(
  stream: number,
  mode: Mode,
  target: Target,
  signal: AbortSignal,
): Promise<Answer<Picture>> {
  const response = await fetch(pictureAddress(stream, mode, target, "jpeg"), { signal });
  const facts = response.headers.get("framepool-frame");
  if (facts !== null) return { facts: JSON.parse(facts) as FrameFacts, file: await response.blob() };
  return await answerIn<Picture>(response);
}

async function answerIn<Facts>(response: Response): Promise<Answer<Facts>> {
  if (!response.ok) throw new Error((await response.text()).trim());
  const answer = (await response.json()) as Facts | { readonly error: FileError };
  if (isError(answer) && answer.error.code === "E_SOURCE_CHANGED") whenChanged();
  return answer;
}

function isError(answer: unknown): answer is { readonly error: FileError } {
  return typeof answer === "object" && answer !== null && "error" in answer;
}
