import { setTimeout as sleep } from "node:timers/promises";
import { FramepoolError, isInstance } from "../../errors.js";
import type { IoSettings } from "../../protocol/io-thread.js";
import type { BlockReader } from "../cache/block-cache.js";
import type { SourceCounters } from "../source-stats.js";
import { Deadline, timerMs } from "../../async/deadline.js";
import { spool } from "../spool.js";
import {
  type AnswerContent,
  type FileVersion,
  TransientError,
  contentOf,
  isSameVersion,
  rangeCondition,
  unsatisfiedSize,
  versionKey,
} from "./http-answer.js";
import { type Answer, type HttpClient, failureOf } from "./http-client.js";
import { WholeCopy } from "./whole-copy.js";

/** `readTimeoutMs`: of one attempt. */
interface FileSettings extends IoSettings {
  /** Bytes of the first request, which tells the size too. */
  readonly headBytes: number;
  /** A file that comes only as a whole is kept in memory up to this size, and in a temporary file up to `maxSpoolBytes`. */
  readonly mostWholeBytes: number;
  /** Attempts after the first. */
  readonly retries: number;
}

interface Received {
  readonly answer: Answer;
  readonly content: AnswerContent;
  readonly attempt: Deadline;
}

/** One version of one file on an HTTP server, read by ranges. */
export class HttpFile implements BlockReader {
  readonly counters: SourceCounters;
  readonly #client: HttpClient;
  readonly #settings: FileSettings;
  #version: FileVersion | undefined;
  #changed: FramepoolError | undefined;
  /** The answer to the first request, whose body nobody reads yet. */
  #first: Received | undefined;
  /** All bytes, where the server would send all of them for each range. */
  #copy: WholeCopy | undefined;

  constructor(client: HttpClient, settings: FileSettings, counters: SourceCounters) {
    this.counters = counters;
    this.#client = client;
    this.#settings = settings;
  }

  get label(): string {
    return this.#client.label;
  }

  async open(signal: AbortSignal): Promise<{ size: number; key: string | undefined; coming: number }> {
    await this.#client.ready();
    const first = await this.#persist(signal, (attempt) => this.#request(0, this.#settings.headBytes, attempt));
    const { version, end } = first.content;
    const tag = versionKey(version);
    const key = tag === undefined ? undefined : `${this.#client.key}\0${tag}`;
    if (first.answer.status === 200 && version.size > this.#settings.mostWholeBytes) {
      await this.#spool(first, signal);
      return { size: version.size, key, coming: 0 };
    }
    if (end > 0) this.#first = first;
    else first.answer.discard();
    return { size: version.size, key, coming: end };
  }

  async fill(
    target: Uint8Array<SharedArrayBuffer>,
    position: number,
    signal: AbortSignal,
    progress: (filled: number) => void,
  ): Promise<void> {
    if (this.#copy !== undefined) {
      await this.#copy.fill(target, position, signal);
      return;
    }
    let filled = 0;
    const advance = (part: Uint8Array) => {
      target.set(part, filled);
      filled += part.length;
      progress(filled);
    };
    const work = async (attempt: Deadline) => {
      // An answer may hold less than was asked, if it says so.
      while (filled < target.length) {
        const start = position + filled;
        const received =
          this.#takeFirst(start, signal) ?? (await this.#request(start, position + target.length, attempt));
        try {
          await this.#receive(received, start, target.length - filled, advance);
        } finally {
          received.attempt.end();
        }
      }
    };
    await this.#persist(signal, work, () => filled);
  }

  close(): void {
    this.#first?.answer.discard();
    this.#first?.attempt.end();
    this.#first = undefined;
    this.#copy?.close();
    this.#copy = undefined;
  }

  async #spool(first: Received, signal: AbortSignal): Promise<void> {
    const { size } = first.content.version;
    const { maxSpoolBytes, spoolFolder } = this.#settings;
    if (size > maxSpoolBytes) {
      first.answer.discard();
      const reason = `the server serves no ranges, and the ${String(size)} bytes of the file are more than maxSpoolBytes, ${String(maxSpoolBytes)}`;
      throw new FramepoolError("E_LIMIT", reason, { source: this.label });
    }
    let begun: Received | undefined = first;
    this.#copy = await this.#persist(signal, async (attempt) => {
      const received = begun ?? (await this.#request(0, size, attempt));
      begun = undefined;
      try {
        return new WholeCopy(await spool(this.#wholeBody(received, signal), size, spoolFolder));
      } finally {
        received.attempt.end();
      }
    });
  }

  /** Each piece has the time of an attempt. */
  async *#wholeBody(received: Received, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const time = () => received.attempt.begin(this.#settings.readTimeoutMs, signal);
    time();
    for await (const part of this.#body(received)) {
      yield part;
      time();
    }
  }

  /** As many bytes as the answer said. Leaving it earlier ends the connection. */
  async *#body({ answer, content, attempt }: Received): AsyncGenerator<Uint8Array, void, undefined> {
    let at = content.start;
    try {
      for await (const part of answer.body) {
        this.counters.bytes += part.length;
        at += part.length;
        if (at > content.end) throw new FramepoolError("E_HTTP", "the server sent more bytes than it said");
        yield part;
      }
    } catch (error) {
      throw failureOf(error, attempt.signal);
    }
    if (at < content.end) throw new TransientError("E_IO", "the connection ended in the middle of the bytes");
  }

  /** The body of the first request is read by the one who wants the first bytes. */
  #takeFirst(start: number, signal: AbortSignal): Received | undefined {
    const first = this.#first;
    if (start !== 0 || first === undefined) return undefined;
    this.#first = undefined;
    first.attempt.begin(this.#settings.readTimeoutMs, signal);
    return first;
  }

  async #request(start: number, end: number, attempt: Deadline): Promise<Received> {
    if (this.#changed !== undefined) throw this.#changed;
    const condition = this.#version === undefined ? undefined : rangeCondition(this.#version);
    const headers = {
      range: `bytes=${String(start)}-${String(end - 1)}`,
      "accept-encoding": "identity",
      ...(condition === undefined ? {} : { "if-range": condition }),
    };
    const answer = await this.#client.get(headers, attempt.signal, () => this.counters.requests++);
    try {
      const size = unsatisfiedSize(answer);
      if (size !== undefined && size !== (this.#version?.size ?? size)) throw this.#hasChanged();
      const content = contentOf(answer, start, end);
      this.#version ??= content.version;
      if (!isSameVersion(this.#version, content.version)) throw this.#hasChanged();
      return { answer, content, attempt };
    } catch (error) {
      answer.discard();
      throw error;
    }
  }

  /** Also remembered: what this source still has in memory must not be joined with bytes of another version. */
  #hasChanged(): FramepoolError {
    const reason = "the file changed on the server since it was opened";
    return (this.#changed = new FramepoolError("E_SOURCE_CHANGED", reason, { source: this.label }));
  }

  /** Reads the bytes from `start` on, at most `length`, out of a body that may begin before them. */
  async #receive(
    received: Received,
    start: number,
    length: number,
    advance: (part: Uint8Array) => void,
  ): Promise<void> {
    const { content } = received;
    const wanted = { from: start, to: Math.min(start + length, content.end) };
    let at = content.start;
    for await (const part of this.#body(received)) {
      const end = at + part.length;
      if (end > wanted.from) advance(part.subarray(Math.max(wanted.from - at, 0), wanted.to - at));
      at = end;
      // Of a whole file the rest is not needed.
      if (at >= wanted.to && content.end > wanted.to) return;
    }
  }

  /** Tries again what may go better then; a failure after new bytes got through counts as the first. */
  async #persist<T>(signal: AbortSignal, work: (attempt: Deadline) => Promise<T>, progress = () => 0): Promise<T> {
    const { readTimeoutMs, retries } = this.#settings;
    const end = performance.now() + readTimeoutMs * (retries + 1);
    let reached = progress();
    for (let failures = 0; ; failures++) {
      const attempt = new Deadline(noAnswer);
      attempt.begin(Math.min(readTimeoutMs, end - performance.now()), signal);
      try {
        return await work(attempt);
      } catch (error) {
        signal.throwIfAborted();
        if (!isInstance(error, TransientError)) throw this.#named(error);
        if (progress() > reached) failures = 0;
        reached = progress();
        const pause = error.waitMs ?? backOffMs(failures);
        if (failures >= retries || performance.now() + pause >= end) throw this.#named(error);
        await sleep(timerMs(pause), undefined, { signal }).catch(() => signal.throwIfAborted());
      } finally {
        attempt.end();
      }
    }
  }

  #named(error: unknown): unknown {
    if (!isInstance(error, FramepoolError) || error.source !== undefined) return error;
    return new FramepoolError(error.code, error.reason, { source: this.label, cause: error.cause });
  }
}

/** Full jitter, so that readers that failed together do not come back together. */
function backOffMs(failures: number): number {
  return Math.random() * Math.min(100 * 2 ** failures, 5000) + 20;
}

function noAnswer(milliseconds: number): TransientError {
  return new TransientError("E_TIMEOUT", `no answer within ${String(Math.round(milliseconds))} ms`);
}
