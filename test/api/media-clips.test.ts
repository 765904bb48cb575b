import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { type ByteSource, type MediaClip, FramepoolTypeError } from "../../src/index.js";
import { clip } from "./support/ffmpeg.js";
import { digests } from "./support/pixels.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { collect } from "./support/sequences.js";
import { rowsOf } from "./support/sound.js";
import { connected } from "./support/user-thread.js";

const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4"];
const tone = (seconds: number): string[] => [
  "-f",
  "lavfi",
  "-i",
  `sine=frequency=440:duration=${seconds}:sample_rate=44100`,
];
/** Its clock begins at 10 s. */
const film = (): string =>
  clip("late.mp4", [...picture, ...tone(4), "-c:v", "mpeg4", "-g", "12", "-c:a", "aac", "-output_ts_offset", "10"]);
/** Its sound is over a second before its pictures are. */
const shortSound = (): string =>
  clip("short-sound.mkv", [...picture, ...tone(3), "-c:v", "mpeg4", "-c:a", "pcm_s16le"]);

const here = testPool();

for (const [where, pool] of Object.entries({ "this thread": here, "another thread": connected(here) })) {
  describe(`windows of pictures and sound, on a pool of ${where}`, () => {
    it("are what the two decoders give for the same times, on the file's clock", async () => {
      const media = await pool.open(film());
      const [video, audio] = [await media.video({ pixelFormat: "gray8" }), await media.audio({ sampleRate: 16000 })];
      const begin = media.beginSeconds ?? 0;
      const windows = [
        [begin + 1, begin + 2],
        [begin + 0.5, begin + 0.7],
        [begin + 3.2, begin + 3.9],
      ] as const;
      const clips = await collect(
        media.clips({ seconds: windows, video: { pixelFormat: "gray8" }, audio: { sampleRate: 16000 } }),
      );
      assert.equal(clips.length, 3);
      for (const [i, [start, stop]] of windows.entries()) {
        const { video: frames, audio: samples, startSeconds, stopSeconds } = clips[i] as MediaClip;
        assert.deepEqual([startSeconds, stopSeconds], [start, stop]);
        assert.deepEqual(digests(frames!), digests(await video.getFramesPlayedInRange(start, stop)));
        const expected = await audio.getSamplesPlayedInRange(start, stop);
        assert.deepEqual(rowsOf(samples!), rowsOf(expected));
        assert.equal(samples!.ptsSeconds, expected.ptsSeconds);
        assert.ok(frames!.ptsSeconds[0]! <= start && Math.abs(samples!.ptsSeconds - start) < 1 / 16000);
      }
      await media.close();
    });

    it("read the bytes once for both", async () => {
      const bytes = readFileSync(film());
      const asked = new Uint8Array(bytes.length);
      const source: ByteSource = {
        size: bytes.length,
        async read(position, length) {
          for (let i = position; i < position + length; i++) asked[i]!++;
          return bytes.subarray(position, position + length);
        },
      };
      const media = await pool.open(source);
      const clips = await collect(
        media.clips({
          seconds: [
            [10.5, 11],
            [12, 13],
          ],
        }),
      );
      assert.deepEqual(
        clips.map(({ video, audio }) => [video === null, audio === null]),
        [
          [false, false],
          [false, false],
        ],
      );
      assert.equal(
        asked.reduce((most, times) => Math.max(most, times), 0),
        1,
      );
      await media.close();
    });
  });
}

describe("a window of pictures and sound", () => {
  it("has only what is there, and is an error where nothing is", async () => {
    const media = await here.open(shortSound());
    const [whole] = await collect(media.clips({ seconds: [2.5, 9], video: { fps: 10 } }));
    assert.equal(whole?.video?.length, 15);
    assert.equal(whole.audio?.shape[1], 22050);
    const [late] = await collect(media.clips({ seconds: [3.5, 3.9] }));
    assert.deepEqual([late?.video?.length, late?.audio], [11, null]);
    const [early] = await collect(media.clips({ seconds: [-1, 0.1], video: { fps: 10 } }));
    assert.deepEqual([...(early?.video?.targetSeconds ?? [])], [0]);
    const clips = media.clips({
      seconds: [
        [0, 1],
        [20, 21],
      ],
    });
    assert.equal((await clips.next()).done, false);
    await rejection(clips.next(), "E_OUT_OF_RANGE");
    const [pictures] = await collect(media.clips({ seconds: [0, 1], audio: false }));
    assert.deepEqual([pictures?.video?.length, pictures?.audio], [25, null]);
    pictures?.release();
    assert.throws(() => pictures?.video?.data, /released/);
  });

  it("is refused where the request makes no sense, at the call", async () => {
    const media = await here.open(shortSound());
    const wrong: readonly [object, RegExp][] = [
      [{}, /options\.seconds/],
      [{ seconds: [2, 1] }, /options\.seconds\[1\]/],
      [
        {
          seconds: [
            [0, 1],
            [1, NaN],
          ],
        },
        /options\.seconds\[1\]\[1\]/,
      ],
      [{ seconds: [0, 1], second: 1 }, /options\.second/],
      [{ seconds: [0, 1], video: false, audio: false }, /neither/],
      [{ seconds: [0, 1], video: "yes" }, /options\.video/],
      [{ seconds: [0, 1], video: { fps: 0 } }, /options\.video\.fps/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(
        () => media.clips(options as never),
        (error: unknown) => error instanceof FramepoolTypeError && message.test(error.message),
        String(message),
      );
    }
    await assert.rejects(collect(media.clips({ seconds: [0, 1], video: { dtyp: "uint8" } as never })), /options\.dtyp/);
    await rejection(collect(media.clips({ seconds: [0, 1], audio: { streamIndex: 0 } })), "E_NO_STREAM");
  });

  it("ends with its signal, and with the loop", async () => {
    const media = await here.open(shortSound());
    const stop = new AbortController();
    const clips = media.clips({
      seconds: [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      signal: stop.signal,
    });
    await clips.next();
    const reason = new Error("enough");
    stop.abort(reason);
    await rejectsWith(
      (async () => {
        for await (const { video } of clips) video?.release();
      })(),
      reason,
    );
    for await (const { video } of media.clips({
      seconds: [
        [0, 1],
        [1, 2],
      ],
    })) {
      assert.equal(video?.length, 25);
      break;
    }
    await media.close();
    await rejection(collect(media.clips({ seconds: [0, 1] })), "E_CLOSED");
  });
});
