import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createTarDecoder } from "modern-tar";

/** A sample of a WebDataset shard: its files by what follows the first dot of their names. */
export interface ShardSample {
  /** The files' name before the first dot. */
  readonly key: string;
  /** `{ jpg, json }`, say. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

/**
 * The samples of a shard, one after the other; what has the same name before the first dot, and lies together, is one sample.
 * `shard`: the path of a tar file, or its bytes as they come.
 */
export async function* readShard(
  shard: string | ReadableStream<Uint8Array>,
): AsyncGenerator<ShardSample, void, undefined> {
  const bytes = typeof shard === "string" ? Readable.toWeb(createReadStream(shard)) : shard;
  let sample: { key: string; files: Record<string, Uint8Array<ArrayBuffer>> } | undefined;
  const entries = (bytes as ReadableStream<Uint8Array>).pipeThrough(createTarDecoder());
  for await (const { header, body } of entries) {
    const data = new Uint8Array(await new Response(body).arrayBuffer());
    if (header.type !== undefined && header.type !== "file") continue;
    const { key, extension } = parted(header.name);
    if (sample !== undefined && sample.key !== key) {
      yield sample;
      sample = undefined;
    }
    sample ??= { key, files: {} };
    sample.files[extension] = data;
  }
  if (sample !== undefined) yield sample;
}

/** As WebDataset: the folder belongs to the key, and the first dot of the name ends it. */
function parted(name: string): { readonly key: string; readonly extension: string } {
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1);
  return dot === -1 ? { key: name, extension: "" } : { key: name.slice(0, dot), extension: name.slice(dot + 1) };
}
