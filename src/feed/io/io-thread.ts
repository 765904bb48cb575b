import { MessageChannel, Worker } from "node:worker_threads";
import { type Remote, wrap } from "comlink";
import { restoreFailure } from "../../protocol/read-failure.js";
import { ChannelServer } from "../channel/server.js";
import { SlotChannels } from "../channel/slot-channels.js";
import { FramepoolError } from "../../errors.js";
import type { JobChannel } from "../../protocol/channel.js";
import type { IoCommands, IoSettings, IoThreadData, OpenAnswer, OpenedSource } from "../../protocol/io-thread.js";
import type { ByteRange } from "../../protocol/bytes.js";
import { unlessAborted } from "../../async/abort.js";
import { withDeadline } from "../../async/deadline.js";
import { ioWorker, threadLost, workerFile } from "../../threads/worker-files.js";

/** How long the thread's sources may take to close when the pool does. */
const closingMs = 1000;

/** A thread in which the sources of one module live, as the main thread sees it. It never keeps the process alive. */
export class IoThread extends SlotChannels implements JobChannel {
  readonly #commands: Remote<IoCommands>;
  readonly #worker: Worker;
  readonly #ended = new AbortController();
  /** In place of a thread that died, as long as anybody has a source of it open: fails whatever is asked. */
  #substitute: ChannelServer | undefined;
  /** Open sources. */
  readonly #sources = new Set<number>();

  constructor(moduleUrl: string) {
    super();
    const { port1, port2 } = new MessageChannel();
    const data: IoThreadData = { moduleUrl, port: port2, bell: this.bell.memory };
    this.#worker = new Worker(workerFile(ioWorker), { workerData: data, transferList: [port2], name: "framepool I/O" });
    this.#commands = wrap<IoCommands>(port1);
    this.#worker.unref();
    port1.unref();
    let cause: unknown;
    this.#worker.on("error", (error) => {
      cause = error;
    });
    this.#worker.on("exit", () => {
      port1.close();
      this.#end(threadLost("the thread that the source lives in died", cause));
    });
  }

  get alive(): boolean {
    return !this.#ended.signal.aborted;
  }

  async open(argument: unknown, settings: IoSettings, signal: AbortSignal): Promise<OpenedSource> {
    // The thread keeps the deadline; starting it takes a while too.
    const { opened, failure } = await withDeadline(10 * settings.readTimeoutMs + 10_000, signal, async (given) => {
      const opening = this.#commands.open(argument, settings);
      this.#closeUnwanted(opening, given);
      // Commands are not answered by a thread that died.
      return await unlessAborted(opening, this.#ended.signal);
    });
    if (opened !== undefined) {
      this.#sources.add(opened.id);
      return opened;
    }
    if (failure !== undefined) throw restoreFailure(failure, undefined, undefined);
    throw new FramepoolError("E_INTERNAL", "the thread of the source answered nothing");
  }

  expect(id: number, ranges: readonly ByteRange[]): void {
    this.#send(this.#commands.expect(id, ranges));
  }

  close(id: number): void {
    this.#sources.delete(id);
    if (this.alive) this.#send(this.#commands.close(id));
    else if (this.#sources.size === 0) this.#substitute?.close();
  }

  /** It died, and nobody has a source of it open any more. */
  get isOver(): boolean {
    return !this.alive && this.#sources.size === 0;
  }

  causeOf(): undefined {
    return undefined;
  }

  protected override attach(slot: number, memory: SharedArrayBuffer): void {
    if (this.#substitute === undefined) this.#send(this.#commands.attach(slot, memory));
    else this.#substitute.attach(slot, memory);
  }

  async end(): Promise<void> {
    if (this.alive) {
      // What does not close in time is ended with the thread.
      await withDeadline(closingMs, this.#ended.signal, () => this.#commands.closeAll()).catch(() => undefined);
    }
    await this.#worker.terminate();
    this.#substitute?.close();
  }

  #end(reason: FramepoolError): void {
    this.#ended.abort(reason);
    this.#substitute = new ChannelServer(this.bell, reason);
    this.attachAll();
    if (this.isOver) this.#substitute.close();
  }

  #closeUnwanted(opening: Promise<OpenAnswer>, signal: AbortSignal): void {
    const close = ({ opened }: OpenAnswer): void => {
      if (signal.aborted && opened !== undefined) this.close(opened.id);
    };
    opening.then(close, () => undefined);
  }

  #send(command: Promise<unknown>): void {
    command.catch(() => undefined);
  }
}
