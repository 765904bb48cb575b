import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExtractRequest } from "../../src/index.js";
import { strangers } from "../support/strangers.js";
import { plain } from "./support/clips.js";
import { rejectsWith, testPool } from "./support/pool.js";

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

  for (const property of ["source", "key", "count"]) {
    it(`throws from the call for its ${property}, when it is in a list`, () => {
      assert.throws(
        () => pool.extract([one(), throwing(property)]),
        (error) => error === wrong,
      );
    });
  }

  for (const [name, make] of Object.entries(strangers)) {
    it(`ends the loop, after the results before it, also with ${name}`, async () => {
      const thrown: unknown = make();
      const request = Object.defineProperty(one(), "source", {
        get: () => {
          throw thrown;
        },
      });
      const results: unknown[] = [];
      const loop = async (): Promise<void> => {
        for await (const { key } of pool.extract(new Set([one(), request]))) results.push(key);
      };
      await rejectsWith(loop(), thrown);
      assert.deepEqual(results, [0]);
    });
  }
});
