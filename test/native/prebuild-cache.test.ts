import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

type Make = (folder: string, work: string) => Promise<void>;

/** The script is plain JavaScript beside dist: what is used of it is described here. */
interface Script {
  readonly cached: (
    kind: string,
    name: string,
    facts: unknown,
    make: Make,
    options?: { readonly resumes?: boolean },
  ) => Promise<string>;
  readonly resume: (work: string, mark: string) => boolean;
}

const home = mkdtempSync(join(tmpdir(), "framepool-cache-"));
process.env["XDG_CACHE_HOME"] = home;
const url = new URL("../../../native/prebuild/cache.mjs", import.meta.url).href;
const { cached, resume } = (await import(url)) as Script;

after(() => {
  rmSync(home, { recursive: true });
});

const writtenAgo = (path: string, seconds: number): void => {
  writeFileSync(path, "");
  const time = Date.now() / 1000 - seconds;
  utimesSync(path, time, time);
};

/** What a second build finds in its two folders after a first one that was ended. */
async function foundBySecond(name: string, options?: { readonly resumes: boolean }): Promise<string[][]> {
  const found: string[][] = [];
  const ended: Make = async (folder, work) => {
    writeFileSync(join(folder, "installed"), "");
    writeFileSync(join(work, "object"), "");
    await Promise.reject(new Error("ended"));
  };
  await assert.rejects(cached("built", name, [1], ended, options), /ended/);
  const second: Make = async (...folders) => {
    found.push(...folders.map((folder) => readdirSync(folder)));
    await Promise.resolve();
  };
  const folder = await cached("built", name, [1], second, options);
  assert.deepEqual(readdirSync(join(folder, "..")).filter((path) => path.startsWith(`${name}-`)).length, 1);
  return found;
}

describe("a build that was ended", () => {
  it("goes on with what it had made, where it can", async () => {
    assert.deepEqual(await foundBySecond("resumed", { resumes: true }), [[], ["object"]]);
  });

  it("begins with empty folders where it cannot", async () => {
    assert.deepEqual(await foundBySecond("anew"), [[], []]);
  });

  it("makes what it wrote last once more: it may be half of it", () => {
    const work = join(home, "half");
    mkdirSync(join(work, "libavcodec"), { recursive: true });
    writtenAgo(join(work, "configured"), 900);
    writtenAgo(join(work, "libavcodec/whole.o"), 700);
    writtenAgo(join(work, "libavcodec/half.o"), 500);
    assert.equal(resume(work, "configured"), true);
    assert.deepEqual(readdirSync(work, { recursive: true }).sort(), [
      "configured",
      "libavcodec",
      join("libavcodec", "whole.o"),
    ]);
  });

  it("is configured once more when it did not get further", () => {
    for (const ago of [null, 20]) {
      const work = join(home, `early-${String(ago)}`);
      mkdirSync(work);
      if (ago !== null) writtenAgo(join(work, "configured"), 20);
      writtenAgo(join(work, "config.h"), 900);
      writtenAgo(join(work, "first.o"), 10);
      assert.equal(resume(work, "configured"), false);
      assert.deepEqual(readdirSync(work), []);
    }
  });
});
