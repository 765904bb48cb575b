import { type Reply, type ServedPage, json, servePage } from "../page-server.js";
import type { FrameFacts } from "./answers.js";
import { encodeOf, modeOf, openingOf, placeOf, streamOf } from "./requests.js";
import type { ViewedFile } from "./viewed-file.js";

/** Shows the file on a page, to this machine alone. Throws UsageError where the port cannot be had; 0: a free one. */
export async function serve(file: ViewedFile, port: number): Promise<ServedPage> {
  const answer = (name: string, query: URLSearchParams, signal: AbortSignal): Promise<Reply | undefined> =>
    answerOf(file, name, query, signal);
  return await servePage({ command: "framepool view", files: "view", answer }, port);
}

/** What is wrong with the file is an answer too, and no failure of the request: JSON with `error`. */
async function answerOf(
  file: ViewedFile,
  name: string,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  if (name === "file") return json(await file.facts(signal));
  file.expect(openingOf(query));
  if (name === "video") return json(await file.video(streamOf(query), modeOf(query)));
  if (name === "packets") return json(await file.packets(streamOf(query), signal));
  if (name !== "frame") return undefined;
  const request = { streamIndex: streamOf(query), mode: modeOf(query), place: placeOf(query), encode: encodeOf(query) };
  const image = await file.picture(request, signal);
  if (image === undefined) return undefined;
  const { index, ptsSeconds, durationSeconds, status, width, height, format, data } = image;
  const facts: FrameFacts = { index, ptsSeconds, durationSeconds, status, width, height };
  return { status: 200, type: `image/${format}`, body: data, more: { "framepool-frame": JSON.stringify(facts) } };
}
