import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { FramepoolError } from "../../../src/errors.js";
import { AheadBytes } from "../../../src/pool/ahead-bytes.js";
import { type Extracted, type Result, type ResultKind, extractEach } from "../../../src/video/extract/extraction.js";
import type { Look } from "../../../src/video/extract/extract-request.js";
import type { ExtractSettings } from "../../../src/video/options.js";
import type { ExtractionHost } from "../../../src/video/host.js";

/** Requests that are under way, each until it is told to be done. */
class Work implements ResultKind<number, Result<number>> {
  readonly begun: number[] = [];
  readonly givenUp: number[] = [];
  readonly #done = new Map<number, (extracted: Extracted<Result<number>>) => void>();

  extract(_: unknown, key: number): Promise<Extracted<Result<number>>> {
    this.begun.push(key);
    return new Promise((resolve) => this.#done.set(key, resolve));
  }

  failed(key: number, error: FramepoolError): Result<number> {
    return { key, error };
  }

  giveUp({ key }: Result<number>): void {
    this.givenUp.push(key);
  }

  finish(key: number): void {
    this.#done.get(key)?.({ result: { key }, bytes: 10, needed: 20 });
  }
}

async function* requests(count: number): AsyncGenerator<Look<number>, void, undefined> {
  for (let key = 0; key < count; key++) {
    yield () => ({ key, source: `${String(key)}.mp4`, folder: undefined, selection: { by: "count", count: 1 } });
  }
}

function extraction(
  count: number,
  { ordered = false, maxInFlight }: { readonly ordered?: boolean; readonly maxInFlight?: number },
  workers = 2,
): {
  readonly work: Work;
  readonly room: AheadBytes;
  readonly results: AsyncGenerator<Result<number>, void, undefined>;
} {
  const work = new Work();
  const room = new AheadBytes(10_000);
  // What it asks of a pool, and of how it was called.
  const host = { workers, ahead: () => Promise.resolve(room) } as Partial<ExtractionHost> as ExtractionHost;
  const settings = { ordered, maxInFlight } as Partial<ExtractSettings> as ExtractSettings;
  return { work, room, results: extractEach(host, work, requests(count), settings, undefined) };
}

/** Until nothing happens by itself any more. */
async function rest(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}

describe("an extraction", () => {
  it("has so many requests under way as it is told, by default twice the workers, and those that nobody took count", async () => {
    for (const [options, workers, most] of [
      [{ maxInFlight: 3 }, 2, 3],
      [{ maxInFlight: 3, ordered: true }, 2, 3],
      [{}, 2, 4],
      [{}, 5, 10],
    ] as const) {
      const { work, results } = extraction(20, options, workers);
      const first = results.next();
      await rest();
      assert.equal(work.begun.length, most);
      // The others are done too, and wait for who takes them.
      for (let key = 0; key < most; key++) work.finish(key);
      assert.equal((await first).value?.key, 0);
      await rest();
      assert.ok(work.begun.length <= most + 1, String(work.begun.length));
      await results.return();
    }
  });

  it("that is left gives up what is done and what is done later, each once, and with it what is decoded ahead", async () => {
    for (const ordered of [false, true]) {
      const { work, room, results } = extraction(9, { ordered, maxInFlight: 4 });
      const first = results.next();
      await rest();
      for (const key of [0, 1]) work.finish(key);
      assert.equal((await first).value?.key, 0);
      await rest();
      await results.return();
      assert.deepEqual(work.givenUp, [1]);
      for (const key of work.begun) work.finish(key);
      await rest();
      assert.deepEqual(work.givenUp.toSorted(), work.begun.slice(1), "all that was begun and not taken");
      assert.equal(room.taken, 0);
    }
  });
});
