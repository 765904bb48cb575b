import { type QueueOptions, type QueueWatch, shardPicture } from "../../queue/index.js";
import { BadRequest, type Reply, type ServedPage, json, servePage } from "../page-server.js";
import type { QueueFacts } from "./answers.js";

/** What the page shows pictures of; undefined: of nothing. */
type PictureRoots = { readonly root: readonly string[]; readonly s3Endpoint?: string | undefined } | undefined;

/** Shows a queue on a page, to this machine alone. Throws UsageError where the port cannot be had; 0: a free one. */
export async function serveQueue(
  queue: QueueOptions,
  watch: QueueWatch,
  roots: PictureRoots,
  port: number,
): Promise<ServedPage> {
  const answer = (name: string, query: URLSearchParams): Promise<Reply | undefined> =>
    answerOf(queue, watch, roots, name, query);
  return await servePage({ command: "framepool queue serve", files: "queue", answer }, port);
}

async function answerOf(
  queue: QueueOptions,
  watch: QueueWatch,
  roots: PictureRoots,
  name: string,
  query: URLSearchParams,
): Promise<Reply | undefined> {
  if (name === "queue") {
    const [status, shards] = await Promise.all([watch.status(), watch.shards()]);
    const facts: QueueFacts = { name: queue.name ?? "framepool", pictures: roots !== undefined, ...status, shards };
    return json(facts);
  }
  if (name !== "picture" || roots === undefined) return undefined;
  const id = query.get("id");
  if (id === null || !/^[0-9a-f]{32}$/.test(id)) throw new BadRequest("id is a job's");
  const picture = await shardPicture(queue, id, roots);
  if (picture === undefined) return undefined;
  // It is the same as long as the page is there: shards do not change.
  const more = { "cache-control": "private, max-age=3600" };
  return { status: 200, type: `image/${picture.format}`, body: picture.data, more };
}
