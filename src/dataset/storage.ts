import { knownKeys } from "../arguments.js";
import { argumentError } from "../errors.js";
import type { MediaSource } from "../index.js";
import { FolderStore } from "./folder-store.js";
import { isS3 } from "./s3/address.js";
import { S3 } from "./s3/client.js";
import { S3Source } from "./s3/source.js";
import { S3Store, objectsBelow } from "./s3/store.js";
import type { Store } from "./store.js";

/** How `s3://bucket/key` is reached: region and credentials are those that the AWS SDK finds. */
export interface StorageOptions {
  /** Of another storage that speaks S3's protocol, as a URL. Default: the variable AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, else Amazon's. */
  readonly s3Endpoint?: string | undefined;
}

/** Throws FramepoolTypeError. */
export function checkStorage(name: string, { s3Endpoint }: StorageOptions): void {
  if (s3Endpoint === undefined) return;
  const isUrl = typeof s3Endpoint === "string" && /^https?:\/\//i.test(s3Endpoint) && URL.canParse(s3Endpoint);
  if (!isUrl) throw argumentError(`${name}.s3Endpoint`, "an http: or https: URL", s3Endpoint);
}

/** What addresses of files and folders stand for: one client for all that S3 has. */
export class Storage {
  readonly #s3: S3;

  constructor({ s3Endpoint }: StorageOptions) {
    this.#s3 = new S3(s3Endpoint);
  }

  /** `to`: a path, or `s3://bucket/prefix`. */
  store(to: string): Store {
    return isS3(to) ? new S3Store(this.#s3, to) : new FolderStore(to);
  }

  source(name: string): MediaSource {
    return isS3(name) ? new S3Source(this.#s3, name) : name;
  }

  objects(address: string): AsyncGenerator<string, void, undefined> {
    return objectsBelow(this.#s3, address);
  }

  async close(): Promise<void> {
    await this.#s3.close();
  }
}

/** Has what lies at `to` open meanwhile. */
export async function withStore<T>(to: string, options: StorageOptions, use: (store: Store) => Promise<T>): Promise<T> {
  knownKeys("options", options, ["s3Endpoint"]);
  checkStorage("options", options);
  const storage = new Storage(options);
  try {
    return await use(storage.store(to));
  } finally {
    await storage.close();
  }
}

/**
 * The names of all objects that begin with `address` (`s3://bucket/prefix/`), in their order: inputs of `writeDataset`. Throws
 * FramepoolTypeError, E_NOT_FOUND, E_ACCESS, E_TIMEOUT, E_IO, and E_ADDON (no `@aws-sdk/client-s3`).
 */
export async function* listObjects(
  address: string,
  options: StorageOptions = {},
): AsyncGenerator<string, void, undefined> {
  knownKeys("options", options, ["s3Endpoint"]);
  checkStorage("options", options);
  const storage = new Storage(options);
  try {
    yield* storage.objects(address);
  } finally {
    await storage.close();
  }
}
