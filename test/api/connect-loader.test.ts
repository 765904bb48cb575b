import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type ByteSource,
  type DecoderPool,
  FramepoolError,
  type MediaSource,
  httpSource,
  transforms,
} from "../../src/index.js";
import {
  AudioClipLoader,
  type AudioClipLoaderOptions,
  ClipLoader,
  type ClipLoaderOptions,
} from "../../src/loader/index.js";
import { RangeServer } from "../support/range-server.js";
import { errorFields } from "./support/answers.js";
import { intra, plain, slow, sound } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { ItemStream, copies, heard, longer, seen } from "./support/loader.js";
import { rejection, testPool } from "./support/pool.js";
import { askableSources } from "./support/readable-sources.js";
import { connected, inThread } from "./support/user-thread.js";

type Pictures = Omit<ClipLoaderOptions, "pool">;
type Sound = Omit<AudioClipLoaderOptions, "pool">;

const files = copies(plain.path(), 10, temporaryFolder());
const sampler = { type: "randomIndices", numClips: 2, numFramesPerClip: 3, seed: 2 } as const;
const soundSampler = { type: "randomTimestamps", numClips: 3, secondsPerClip: 0.2, seed: 1 } as const;
const soundOptions = { sampler: soundSampler, sampleRate: 16_000, numChannels: 1 };

/** All that a loader gives. */
async function batchesOf(pool: DecoderPool, options: Pictures): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of new ClipLoader({ pool, ...options })) {
    const { shape, keys: names, indices, ptsSeconds, durationSeconds, data } = batch;
    batches.push([shape, names, indices, ptsSeconds, durationSeconds, data.slice()]);
    batch.release();
  }
  return batches;
}

async function soundBatchesOf(pool: DecoderPool, options: Sound): Promise<unknown[]> {
  return await heard(new AudioClipLoader({ pool, ...options }));
}

describe("loaders over a connected pool", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);

  const pictures: Readonly<Record<string, Pictures>> = {
    "clips of a size that the first item tells": { items: files, sampler, batchSize: 3 },
    "shuffled, of one rank, with other output": {
      items: [...files, ...files],
      sampler,
      batchSize: 4,
      shuffle: { seed: 3, epoch: 1 },
      rank: 1,
      worldSize: 2,
      dtype: "float32",
      dimensionOrder: "NCHW",
    },
    "a size that is given, several batches an item, little ahead": {
      items: files,
      sampler: { ...sampler, numClips: 4 },
      batchSize: 2,
      prefetchBytes: 0,
      transforms: [transforms.resize([40, 60]), transforms.randomCrop([32, 32])],
    },
    "as many clips as a file has": {
      items: [plain.path(), longer(), longer(), plain.path()],
      sampler: { type: "regularTimestamps", secondsBetweenClipStarts: 1, numFramesPerClip: 2 },
      batchSize: 5,
    },
    "native planes": { items: files, sampler, pixelFormat: "native" },
  };
  for (const [name, options] of Object.entries(pictures)) {
    it(`give the batches that the pool's own give: ${name}`, async () => {
      const expected = await batchesOf(pool, options);
      assert.ok(expected.length > 1);
      assert.deepEqual(await batchesOf(client, options), expected);
    });
  }

  it("give the batches that the pool's own give: sound", async () => {
    for (const options of [
      { items: [sound(), sound(), sound()], ...soundOptions, batchSize: 2 },
      {
        items: [sound(), sound()],
        ...soundOptions,
        sampler: { type: "regularTimestamps", secondsPerClip: 0.3, secondsBetweenClipStarts: 0.2 },
      } as const,
    ]) {
      const expected = await soundBatchesOf(pool, options);
      assert.ok(expected.length > 1);
      assert.deepEqual(await soundBatchesOf(client, options), expected);
    }
  });

  it("work in a thread of the user's", async () => {
    const expected = await seen(new ClipLoader({ pool, items: [plain.path(), plain.path()], sampler }));
    assert.deepEqual(await inThread(pool, "go through a data set", plain.path()), expected);
  });

  it("work over a connection to a connected pool", async () => {
    assert.deepEqual(
      await batchesOf(connected(client), { items: files, sampler }),
      await batchesOf(pool, { items: files, sampler }),
    );
  });

  it("go on from a state, of the pool's own loader too", async () => {
    const options = { items: files, sampler: { ...sampler, numClips: 3 }, batchSize: 2, shuffle: { seed: 5 } };
    const whole = await seen(new ClipLoader({ pool, ...options }));
    for (const [first, second] of [
      [client, client],
      [client, pool],
      [pool, client],
    ] as const) {
      const loader = new ClipLoader({ pool: first, ...options });
      const begin = await seen(loader, 5);
      const rest = await seen(ClipLoader.from(loader.state(), { pool: second, ...options }));
      assert.deepEqual([...begin, ...rest], whole);
    }
    const all = { items: [sound(), sound(), sound()], ...soundOptions };
    const loader = new AudioClipLoader({ pool: client, ...all });
    const clips = await heard(loader, 4);
    const rest = await heard(AudioClipLoader.from(loader.state(), { pool: client, ...all }));
    assert.deepEqual([...clips, ...rest], await soundBatchesOf(pool, all));
  });

  it("use what was released again, and nothing else", async () => {
    const own = connected(testPool({ workers: 1 }));
    const once = async (): Promise<unknown> => {
      let memory: unknown;
      for await (const batch of new ClipLoader({ pool: own, items: [plain.path()], sampler, batchSize: 2 })) {
        memory = batch.data.buffer;
        batch.release();
      }
      return memory;
    };
    assert.equal(await once(), await once());
    const held = [];
    for await (const batch of new ClipLoader({ pool: own, items: files, sampler, batchSize: 2 })) held.push(batch);
    const memory = new Set(held.map(({ data }) => data.buffer));
    assert.equal(memory.size, held.length);
    for await (const batch of new ClipLoader({ pool: own, items: files, sampler, batchSize: 2 })) {
      assert.ok(!memory.has(batch.data.buffer));
      batch.release();
    }
  });

  it("take no limit but the pool's", async () => {
    const small = connected(testPool({ workers: 1, limits: { maxOutputBytes: 100_000, maxPixels: 10_000 } }));
    const many = new ClipLoader({ pool: small, items: files, sampler, batchSize: 20 });
    assert.match((await rejection(seen(many), "E_LIMIT")).message, /maxOutputBytes/);
    const large = { items: [slow.path()], sampler };
    assert.match((await rejection(seen(new ClipLoader({ pool: small, ...large })), "E_LIMIT")).message, /maxPixels/);
  });
});

describe("items that loaders over a connection read", () => {
  const pool = testPool({ workers: 2 });
  const client = connected(pool);
  const bytes = readFileSync(plain.path());
  let server: RangeServer;
  before(async () => {
    server = await RangeServer.start();
  });
  after(() => server.close());

  const options = { sampler, batchSize: 3, shuffle: { seed: 1 } };

  for (const [name, make] of Object.entries(askableSources(plain.path()))) {
    it(`may be ${name}`, async () => {
      const again = await make();
      const items = [await make(), again, await make(), again, again];
      const expected = await batchesOf(pool, { items: items.map(() => plain.path()), ...options });
      assert.deepEqual(await batchesOf(client, { items, ...options }), expected);
    });
  }

  it("may be bytes, addresses, sources of addresses, and come from a stream", async () => {
    const source = httpSource(server.serve(bytes), { blockSize: 4096 });
    const url = server.serve(bytes);
    const items = [bytes, bytes, new Uint8Array(bytes), url, source, url.href, source, new URL(`file:${plain.path()}`)];
    const expected = await batchesOf(pool, { items: items.map(() => plain.path()), ...options });
    assert.deepEqual(await batchesOf(client, { items, ...options }), expected);
    assert.deepEqual(await batchesOf(client, { items: new ItemStream(items), sampler, batchSize: 16 }), [
      ...(await batchesOf(pool, { items: items.map(() => plain.path()), sampler, batchSize: 16 })),
    ]);
    source.close();
  });

  it("may be sound in sources of the client's", async () => {
    const content = readFileSync(sound());
    const read = async (position: number, length: number): Promise<Uint8Array> =>
      await Promise.resolve(content.subarray(position, position + length));
    const blob = new Blob([content]);
    const items = [server.serve(content), blob, blob, { size: content.length, read }];
    const expected = await soundBatchesOf(pool, { items: items.map(() => sound()), ...soundOptions });
    assert.deepEqual(await soundBatchesOf(client, { items, ...soundOptions }), expected);
  });

  it("are let go of", async () => {
    let gone = 0;
    const registry = new FinalizationRegistry(() => gone++);
    const iterate = async (): Promise<void> => {
      const sources = Array.from({ length: 10 }, (_, i) => {
        const source: ByteSource = { size: bytes.length, read: (at, length) => bytes.subarray(at, at + length) };
        registry.register(source, i);
        return source;
      });
      await seen(new ClipLoader({ pool: client, items: [...sources, ...sources], sampler }));
      await seen(new ClipLoader({ pool: client, items: [...sources, ...sources], sampler }), 3);
    };
    await iterate();
    for (let tries = 0; tries < 200 && gone < 9; tries++) {
      globalThis.gc?.();
      await sleep(5);
    }
    assert.ok(gone >= 9, `${gone} of 10 are gone`);
  });

  it("fail as on the pool itself, with the very error of a source of the client's", async () => {
    const own = new Error("the disk is gone");
    const broken: ByteSource = {
      size: bytes.length,
      read: async () => {
        throw own;
      },
    };
    const items: MediaSource[] = [plain.path(), "nowhere.mp4", intra.path(), broken, 7 as unknown as string, sound()];
    const failing = (on: DecoderPool): ClipLoader =>
      new ClipLoader({ pool: on, items: [...items, ...items], sampler, onError: "skip" });
    const [here, there] = [failing(pool), failing(client)];
    assert.deepEqual(await seen(there), await seen(here));
    const told = ({ stats }: ClipLoader): unknown[] =>
      stats.failures
        .map(({ key, error }) => [
          Number(key),
          error instanceof FramepoolError ? errorFields(error) : (error as Error).message,
        ])
        .sort(([a], [b]) => Number(a) - Number(b));
    assert.deepEqual(told(there), told(here));
    assert.equal(there.stats.skipped, 10);
    const causes = there.stats.failures.filter(({ key }) => Number(key) % 6 === 3);
    assert.deepEqual(
      causes.map(({ error }) => (error as Error).cause === own),
      [true, true],
    );
    for (const onError of ["throw", "replace"] as const) {
      const list = [...files.slice(0, 3), "nowhere.mp4", ...files.slice(3)];
      const [mine, theirs] = [pool, client].map((on) =>
        seen(new ClipLoader({ pool: on, items: list, sampler, onError })).catch((error: unknown) =>
          errorFields(error as never),
        ),
      );
      assert.deepEqual(await theirs, await mine);
    }
  });
});

describe("options", () => {
  it("that are wrong are misuse, before anything is asked", () => {
    const client = connected(testPool({ workers: 1 }));
    const wrong = { batchSize: 0 };
    assert.throws(() => new ClipLoader({ pool: client, items: files, sampler, ...wrong }), { code: "E_ARGUMENT" });
    assert.throws(() => new AudioClipLoader({ pool: JSON.parse("{}") as never, items: files, ...soundOptions }), {
      code: "E_ARGUMENT",
      message: /options.pool/,
    });
  });
});
