import type { Limits } from "../pool/options.js";
import { onAbort } from "../async/abort.js";
import { OutputMemory } from "../pool/output-memory.js";
import type { Underway } from "../threads/task.js";
import type { AudioClipsResult } from "../protocol/audio.js";
import type { ClipsResult } from "../protocol/video.js";
import type { KnownSource } from "../sources/media-source.js";
import type { ClipHost, ClipSource, ClipSourceOptions, FrameClipsWork, SoundClipsWork } from "../pool/clip-host.js";
import type { Connection } from "./connection.js";
import type { WireClipFacts } from "./service.js";
import { wireSource } from "./wire-source.js";

/** Memory of this thread's batches. Once the pool is out of reach nobody can say when its workers are done with it. */
export function batchMemory({ closing }: Connection, freeBytes: number): OutputMemory {
  const memory = new OutputMemory(freeBytes);
  onAbort(closing, () => {
    memory.close();
  });
  return memory;
}

/** Clips that a pool of another thread decodes, into this thread's batches. */
export class ConnectedClips implements ClipHost {
  readonly workers: number;
  readonly limits: Required<Limits>;
  readonly memory: OutputMemory;
  readonly #connection: Connection;

  constructor(connection: Connection, memory: OutputMemory, { workers, limits }: WireClipFacts) {
    this.workers = workers;
    this.limits = limits;
    this.memory = memory;
    this.#connection = connection;
  }

  get closing(): AbortSignal {
    return this.#connection.closing;
  }

  async open(source: KnownSource, options: ClipSourceOptions, signal: AbortSignal): Promise<ConnectedClipSource> {
    const connection = this.#connection;
    const { number, value } = await connection.ask(signal, (service, number) =>
      service.openClips(number, wireSource(source, options.readTimeoutMs, connection.sources), options),
    );
    return new ConnectedClipSource(connection, number, value.isRemote);
  }
}

class ConnectedClipSource implements ClipSource {
  readonly isRemote: boolean;
  readonly #connection: Connection;
  readonly #number: number;

  constructor(connection: Connection, number: number, isRemote: boolean) {
    this.isRemote = isRemote;
    this.#connection = connection;
    this.#number = number;
  }

  decodeFrames(work: FrameClipsWork, signal: AbortSignal): Underway<ClipsResult> {
    return this.#connection.begin(signal, (service, number) => service.decodeFrameClips(number, this.#number, work));
  }

  decodeSound(work: SoundClipsWork, signal: AbortSignal): Underway<AudioClipsResult> {
    return this.#connection.begin(signal, (service, number) => service.decodeSoundClips(number, this.#number, work));
  }

  async release(): Promise<void> {
    this.#connection.drop(this.#number);
  }
}
