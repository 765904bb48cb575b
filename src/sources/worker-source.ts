import { argumentError } from "../errors.js";

/** What makes a source in a thread of its own: a module's default export, and what that is called with. */
export interface ThreadModule {
  readonly moduleUrl: string;
  readonly argument: unknown;
}

/** A source that is made, and read, in a thread of its own. */
export class WorkerSource implements ThreadModule {
  /** Of the module that makes the source. */
  readonly moduleUrl: string;
  /** What its default export is called with: anything that can be cloned. */
  readonly argument: unknown;

  /** @internal Use workerSource. */
  constructor(moduleUrl: string, argument: unknown) {
    this.moduleUrl = moduleUrl;
    this.argument = argument;
  }
}

/**
 * A source in an I/O thread, so that a busy main thread does not stop the decoding. The module's default export is called
 * there with `argument`, a structured clone, and returns a `ByteSource`, or a promise of one; if that has a method
 * `close()`, it is called once nobody reads it any more, and waited for up to a second when the pool is closed. Sources of one
 * module share a thread. An error of the source comes back as a copy, since objects do not cross threads.
 */
export function workerSource(moduleUrl: string | URL, argument?: unknown): WorkerSource {
  const given: unknown = moduleUrl;
  if (!(given instanceof URL) && typeof given !== "string") throw argumentError("moduleUrl", "a URL", given);
  const href = given instanceof URL ? given.href : given;
  if (!URL.canParse(href)) throw argumentError("moduleUrl", "an absolute URL, as import.meta.resolve gives it", given);
  return new WorkerSource(href, argument);
}
