import { isInstance, FramepoolError } from "../../errors.js";
import type { NewFile, ShardFile, Store } from "../store.js";
import { type S3Address, s3Address, s3Folder } from "./address.js";
import { type S3, storageError } from "./client.js";
import { NewObject } from "./new-object.js";

/** Uploads that are younger may be somebody's who is still at it. */
const abandonedMs = 24 * 60 * 60_000;

/** Objects whose names begin alike. */
export class S3Store implements Store {
  readonly #s3: S3;
  readonly #folder: S3Address;
  readonly #name: string;

  /** `s3`: stays open. */
  constructor(s3: S3, address: string) {
    this.#s3 = s3;
    this.#folder = s3Folder(address);
    this.#name = `s3://${[this.#folder.bucket, this.#folder.key].filter((step) => step !== "").join("/")}`;
  }

  locate(name: string): string {
    return `${this.#name}/${name}`;
  }

  /** Nothing is to be made: names need no folders. A bucket is its owner's to make. */
  async prepare(): Promise<void> {
    await Promise.resolve();
  }

  async create(name: string): Promise<NewFile> {
    const { Bucket, Key } = this.#object(name);
    return await Promise.resolve(new NewObject(this.#s3, this.locate(name), Bucket, Key));
  }

  async read(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.locate(name);
    const answer = await unlessMissing(
      this.#s3.ask(path, ({ sdk, client }) => client.send(new sdk.GetObjectCommand(this.#object(name)))),
    );
    return answer?.Body === undefined ? undefined : named(path, answer.Body as AsyncIterable<Uint8Array>);
  }

  async holds({ file, bytes }: ShardFile): Promise<boolean> {
    const found = await unlessMissing(
      this.#s3.ask(this.locate(file), ({ sdk, client }) => client.send(new sdk.HeadObjectCommand(this.#object(file)))),
    );
    return found?.ContentLength === bytes;
  }

  /** An object that is there lasts. */
  async sync(): Promise<void> {
    await Promise.resolve();
  }

  /** Nobody sees uploads that were not completed, but they cost their room; whoever may not list them leaves them. */
  async removeLeftovers(shards: ReadonlySet<string>): Promise<void> {
    const [only = ""] = shards.size === 1 ? shards : [];
    const { Bucket, Key: Prefix } = this.#object(only);
    const removed = this.#s3.ask(this.#name, async ({ sdk, client }) => {
      const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix }));
      for (const { Key, UploadId, Initiated } of Uploads) {
        const [, shard = ""] = /(\d+)(?:-\d+)?\.tar$/.exec(Key ?? "") ?? [];
        if (!shards.has(shard) || Date.now() - (Initiated?.getTime() ?? Infinity) < abandonedMs) continue;
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }
    });
    await removed.catch(() => undefined);
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, key } = this.#folder;
    return { Bucket: bucket, Key: key === "" ? name : `${key}/${name}` };
  }
}

async function* named(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    throw storageError(name, error);
  }
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isInstance(error, FramepoolError) && error.code === "E_NOT_FOUND") return undefined;
    throw error;
  }
}

/** The objects below an address, in the order of their names. Throws as `S3.ask` does. */
export async function* objectsBelow(s3: S3, address: string): AsyncGenerator<string, void, undefined> {
  const { bucket, key } = s3Address(address);
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.ask(address, ({ sdk, client }) =>
      client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: key, ContinuationToken })),
    );
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield `s3://${bucket}/${Key}`;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}
