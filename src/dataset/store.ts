/** A tar file or folder of a shard that is there. */
export interface ShardFile {
  /** Its name in the data set's folder. */
  readonly file: string;
  /** Of a tar file; of a folder's files together. */
  readonly bytes: number;
  /** Of a tar file. */
  readonly sha256?: string;
  readonly samples: number;
}

/** What a file is that is written. */
export interface Sealed {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file in the making: it appears whole or not at all. All but `abandon` throw E_IO, E_ACCESS, E_TIMEOUT. */
export interface NewFile {
  write(data: Uint8Array): Promise<void>;
  /** Everything is written; still not under its name. */
  seal(): Promise<Sealed>;
  appear(): Promise<void>;
  /** Nothing of it stays, where that can be had; never throws. */
  abandon(): Promise<void>;
}

/** Where a data set lies: files by their names. */
export interface Store {
  /** How a person would name the file. */
  locate(name: string): string;
  /** Makes it ready to be written to. */
  prepare(): Promise<void>;
  create(name: string): Promise<NewFile>;
  /** undefined where there is no such file. */
  read(name: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Whether it is there, as large as it should be. */
  holds(file: ShardFile): Promise<boolean>;
  /** Until then names that were given may be lost with the machine. */
  sync(): Promise<void>;
  /** Takes away what makers of these shards left that are gone. */
  removeLeftovers(shards: ReadonlySet<string>): Promise<void>;
}

/** A file that appears whole or not at all. */
export async function writeWhole(
  store: Store,
  name: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const file = await store.create(name);
  try {
    for await (const piece of pieces) await file.write(typeof piece === "string" ? Buffer.from(piece) : piece);
    await file.seal();
    await file.appear();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  await store.sync();
}

/** undefined where there is none, or it holds something else. */
export async function readJson(store: Store, name: string): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  for await (const piece of (await store.read(name)) ?? []) pieces.push(piece);
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    return undefined;
  }
}

/** How many files are looked at together: more wait for nothing but each other. */
const together = 32;

/** What each comes to, in their order. */
export async function eachOf<T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<R[]> {
  const found: R[] = [];
  for (let begin = 0; begin < items.length; begin += together) {
    found.push(...(await Promise.all(items.slice(begin, begin + together).map(look))));
  }
  return found;
}
