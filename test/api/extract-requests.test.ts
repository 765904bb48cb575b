import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExtractRequest } from "../../src/index.js";
import { strangers } from "../support/strangers.js";
import { plain, still } from "./support/clips.js";
import { rejectsWith, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";

const reason = { why: "enough" };
const one = (): ExtractRequest => ({ source: plain.path(), count: 1 });

/** Requests without end, and what their own end does. */
async function* endless(atTheEnd: () => void | Promise<void>): AsyncGenerator<ExtractRequest> {
  try {
    for (;;) yield one();
  } finally {
    await atTheEnd();
  }
}

describe("requests that are still coming when the loop over the results is left", () => {
  const pool = testPool({ workers: 1 });

  it("are ended before the loop is", async () => {
    let ended = false;
    const requests = endless(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
    });
    for await (const { batch } of pool.extract(requests)) {
      batch?.release();
      break;
    }
    assert.ok(ended);
  });

  it("throw what their end throws, as any loop over them would", async () => {
    const wrong = new Error("the end failed");
    const leave = async (): Promise<void> => {
      const requests = endless(() => {
        throw wrong;
      });
      for await (const { error } of pool.extract(requests)) {
        assert.equal(error, undefined);
        break;
      }
    };
    await rejectsWith(leave(), wrong);
  });

  it("do not replace the reason of an abort with what their end throws", async () => {
    const controller = new AbortController();
    const requests = endless(() => {
      throw new Error("the end failed");
    });
    const loop = async (): Promise<void> => {
      for await (const { batch } of pool.extract(requests, { signal: controller.signal })) {
        batch?.release();
        controller.abort(reason);
      }
    };
    await rejectsWith(loop(), reason);
  });

  it("are not begun any more when they come later, nor waited for", async () => {
    let comeLate: (request: ExtractRequest) => void = () => undefined;
    let looked = 0;
    const requests = (async function* (): AsyncGenerator<ExtractRequest> {
      yield one();
      yield await new Promise<ExtractRequest>((resolve) => (comeLate = resolve));
    })();
    for await (const { batch } of pool.extract(requests)) {
      batch?.release();
      break;
    }
    comeLate(
      Object.defineProperty({ ...one() }, "source", {
        get: () => {
          looked++;
          return plain.path();
        },
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(looked, 0);
  });
});

describe("a request that throws when it is looked at", () => {
  const pool = testPool({ workers: 1 });
  const wrong = new Error("no");
  const throwing = (property: string): ExtractRequest =>
    Object.defineProperty({ ...one() }, property, {
      get: () => {
        throw wrong;
      },
    });

  it("is its own result's error, others are not touched", async () => {
    const results = await collect(pool.extract([one(), throwing("source"), one()], { ordered: true }));
    assert.deepEqual(
      results.map(({ error }) => error),
      [undefined, wrong, undefined],
    );
  });

  for (const [name, make] of Object.entries(strangers)) {
    it(`is its own result's error, also when it throws ${name}`, async () => {
      const request = Object.defineProperty(one(), "source", {
        get: () => {
          throw make();
        },
      });
      const [result] = await collect(pool.extract([request]));
      assert.ok(result?.error instanceof Error);
    });
  }

  it("ends the loop, after the results before it, when not even its key can be had", async () => {
    const results: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const { key } of pool.extract([one(), throwing("key")])) results.push(key);
    };
    await rejectsWith(loop(), wrong);
    assert.deepEqual(results, [0]);
  });
});

describe("a video of one picture, which is on screen for no time", () => {
  const pool = testPool({ workers: 1 });
  const ways = { every: 1, count: 1, times: [0], indices: [-1] };
  for (const [way, value] of Object.entries(ways)) {
    it(`has it by ${way}`, async () => {
      const request = { source: still(), [way]: value } as unknown as ExtractRequest;
      for (const { batch } of await collect(pool.extract([request]))) {
        assert.deepEqual([...(batch?.indices ?? [])], [0]);
        batch?.release();
      }
    });
  }
});
