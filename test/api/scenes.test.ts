import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it, test } from "node:test";
import { scenes } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { clip } from "./support/ffmpeg.js";
import { rejection, testPool } from "./support/pool.js";
import { withSharedMedia } from "./support/shared-media.js";
import { collect } from "./support/sequences.js";

const pool = testPool();

/** Pictures of several kinds, 17 to 40 frames of each, and one that fades in. */
const sources = [
  "testsrc2=size=320x180:rate=25:duration=0.8",
  "mandelbrot=size=320x180:rate=25,trim=duration=1.6",
  "smptebars=size=320x180:rate=25:duration=0.68",
  "testsrc=size=320x180:rate=25:duration=1,negate",
  "color=white:size=320x180:rate=25:duration=1.2,fade=in:d=1",
  "rgbtestsrc=size=320x180:rate=25:duration=1",
];
const starts = [0, 20, 60, 77, 102, 132];

const cut = (): string =>
  clip("cuts.mp4", [
    ...sources.flatMap((source) => ["-f", "lavfi", "-i", source]),
    ...[
      "-filter_complex",
      `${sources.map((_, i) => `[${i}:v]setsar=1,format=yuv420p[v${i}];`).join("")}${sources.map((_, i) => `[v${i}]`).join("")}concat=n=${sources.length}`,
    ],
    ...["-c:v", "mpeg4", "-q:v", "3", "-g", "30", "-bf", "2"],
  ]);

/** Times that FFmpeg's own detector names, on the file's clock. */
function byFfmpeg(path: string): number[] {
  const args = ["-nostdin", "-copyts", "-i", path, "-vf", "scdet=threshold=10", "-f", "null", "-"];
  const done = spawnSync("ffmpeg", args, { encoding: "utf8" });
  return [...done.stderr.matchAll(/lavfi\.scd\.score: *[\d.]+, lavfi\.scd\.time: *([\d.]+)/g)].map(([, time]) =>
    Number(time),
  );
}

describe("scenes", () => {
  it("begin where the cuts are, and where FFmpeg's scdet sees them", async () => {
    const found = await collect(scenes(cut(), { pool }));
    // From the test picture's negative to black, where the fade begins, is a cut too; the fade itself is none.
    assert.deepEqual(
      found.map(({ start }) => start),
      starts,
    );
    assert.deepEqual(
      found.map(({ stop }) => stop),
      [...starts.slice(1), 157],
    );
    const theirs = byFfmpeg(cut());
    assert.equal(theirs.length, found.length - 1);
    theirs.forEach((time, i) => assert.ok(Math.abs(time - found[i + 1]!.startSeconds) <= 0.0401, String(time)));
    for (const [i, { startSeconds, stopSeconds, score }] of found.entries()) {
      assert.ok(Math.abs(startSeconds - starts[i]! / 25) < 1e-6);
      assert.equal(stopSeconds, found[i + 1]?.startSeconds ?? 6.28);
      assert.ok(i === 0 ? score === 100 : score >= 10 && score <= 100);
    }
  });

  it("are fewer with a higher threshold, and one where nothing changes at once", async () => {
    assert.deepEqual(await collect(scenes(cut(), { pool, threshold: 100 })), [
      { start: 0, stop: 157, startSeconds: 0, stopSeconds: 6.28, score: 100 },
    ]);
    assert.equal((await collect(scenes(plain.path(), { pool }))).length, 1);
  });

  it("refuse what makes no sense at the call, and reject for a file that is not there", async () => {
    assert.throws(() => scenes(plain.path(), { threshold: 0 }), { code: "E_ARGUMENT" });
    assert.throws(() => scenes(plain.path(), { pool: 1 as never }), { code: "E_ARGUMENT" });
    await rejection(collect(scenes("missing.mp4", { pool })), "E_NOT_FOUND");
  });
});

withSharedMedia((folder) => {
  const files = {
    "real/ex_video_big_buck_bunny.mp4": 2,
    "torchcodec/media/nasa_13013.mp4": 1,
    "torchcodec/media/nasa_13013_hdr.mp4": 1,
    "real/de_flipping_a_pancake.mkv": 0,
  };
  for (const [name, cuts] of Object.entries(files)) {
    test(`scenes of ${name} begin within a frame of where FFmpeg's scdet sees them`, async () => {
      const path = join(folder, name);
      const [, ...found] = await collect(scenes(path, { pool }));
      const theirs = byFfmpeg(path);
      assert.equal(theirs.length, cuts);
      assert.equal(found.length, cuts);
      const video = await pool.openVideo(path);
      const frameSeconds = 1 / (video.metadata.averageFps ?? 1);
      await video.close();
      for (const [i, { startSeconds }] of found.entries()) {
        assert.ok(Math.abs(startSeconds - (theirs[i] ?? 0)) <= frameSeconds + 1e-3, `${startSeconds} ${theirs[i]}`);
      }
    });
  }
});
