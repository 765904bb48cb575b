// What rests on a picture that is damaged or missing: the same however it is asked for, and never "ok".
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { VideoDecoderOptions } from "../../src/index.js";
import { withBitErrors, withBrokenLinks } from "./support/damage.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { digest } from "./support/pixels.js";
import { testPool } from "./support/pool.js";
import { range, shuffled } from "./support/sequences.js";

const pool = testPool({ workers: 1 });

interface Seen {
  /** The status of each frame as one letter. */
  readonly letters: string;
  readonly pictures: readonly string[];
}

/** Each frame asked for alone, in this order. */
async function seen(path: string, order: readonly number[], options: VideoDecoderOptions): Promise<Seen> {
  const video = await pool.openVideo(path, options);
  const letters: string[] = [];
  const pictures: string[] = [];
  for (const index of order) {
    const frame = await video.getFrameAt(index);
    letters[frame.index] = frame.status[0]!;
    pictures[frame.index] = digest(frame);
    frame.release();
  }
  await video.close();
  return { letters: letters.join(""), pictures };
}

const size = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "60", "-pix_fmt", "yuv420p"];
const x264 = (params: string): string[] => [
  ...["-c:v", "libx264", "-preset", "veryfast", "-threads", "1"],
  ...["-x264-params", `keyint=30:min-keyint=30:scenecut=0:bframes=2:b-adapt=0:${params}`],
];
const mpeg2 = ["-c:v", "mpeg2video", "-q:v", "4", "-g", "15", "-bf", "2", "-sc_threshold", "1000000000"];
const x265 = "log-level=none:pools=none:frame-threads=1:wpp=0:ctu=16:keyint=30:min-keyint=30:scenecut=0:bframes=0";

/** From which frame on they are damaged, until which: behind the last of these the next key frame's pictures begin. */
interface Case {
  readonly name: string;
  readonly encoder: string;
  readonly path: () => string;
  /** By frames, "ok" and "damaged" in turn: where each stretch ends. */
  readonly ends: readonly number[];
}

/** Packet 10 holds frame 12, a reference picture; frames 10 and 11 are sent behind it and refer to it. */
const cases: readonly Case[] = [
  {
    name: "H.264, a damaged reference picture",
    encoder: "libx264",
    path: () => withBitErrors(clip("behind.mp4", [...size, ...x264("b-pyramid=none:open-gop=0")]), [10]),
    ends: [10, 30, 60],
  },
  {
    name: "H.264, a damaged picture that no other refers to",
    encoder: "libx264",
    path: () => withBitErrors(clip("fine.mp4", [...size, ...x264("b-pyramid=none:open-gop=0:crf=8")]), [11]),
    ends: [10, 11, 60],
  },
  {
    name: "H.264, a reference picture that is not there",
    encoder: "libx264",
    path: () => {
      const whole = clip("behind.mkv", [...size, ...x264("b-pyramid=none:open-gop=0")]);
      // The filter counts packets.
      return clip("lost.mkv", ["-i", whole, "-c", "copy", "-bsf:v", "noise=amount=0:drop=eq(n\\,10)"]);
    },
    ends: [10, 29, 59],
  },
  {
    name: "H.264, a picture that is not there of those over which pictures are patched together",
    encoder: "libx264",
    path: () => {
      // Six columns wide.
      const small = size.map((argument) => argument.replace("320x240", "96x64"));
      const whole = clip("refresh.mkv", [...small, ...x264("bframes=0:intra-refresh=1")]);
      return clip("lost-refresh.mkv", ["-i", whole, "-c", "copy", "-bsf:v", "noise=amount=0:drop=eq(n\\,34)"]);
    },
    ends: [34, 59],
  },
  {
    name: "MPEG-2, a damaged reference picture",
    encoder: "mpeg2video",
    path: () => withBitErrors(clip("behind-mpeg2.mp4", [...size, ...mpeg2]), [7]),
    ends: [7, 15, 60],
  },
  {
    // Its decoder may say of key pictures no more than that they are I pictures.
    name: "SVQ1, a picture that cannot be decoded",
    encoder: "svq1",
    path: () => withBitErrors(clip("behind.mov", [...size, "-c:v", "svq1", "-pix_fmt", "yuv410p", "-g", "15"]), [10]),
    ends: [10, 14, 59],
  },
  {
    name: "HEVC, a slice that ends too early",
    encoder: "libx265",
    path: () =>
      withBitErrors(
        clip("behind-hevc.mp4", [...size, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", x265]),
        [10],
      ),
    ends: [10, 30, 60],
  },
  {
    // Left are two B pictures to which none refers, then all that also refers to what is missing.
    name: "HEVC, the first picture that misses another one is for no other to refer to",
    encoder: "libx265",
    path: () => {
      const params = x265.replace("bframes=0", "bframes=3:b-adapt=0:open-gop=0");
      const coded = [...size, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", params];
      return clip("begun.mkv", [
        ...["-i", clip("behind-hevc.mkv", coded), "-c", "copy"],
        ...["-bsf:v", "noise=amount=0:drop=lt(n\\,3)"],
      ]);
    },
    ends: [0, 27, 57],
  },
  {
    name: "HEVC, pictures that lead a broken link and are passed over: nothing",
    encoder: "libx265",
    path: () => {
      const params = x265.replace("bframes=0", "bframes=4:b-adapt=0:open-gop=1");
      const coded = [...size, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", params, "-tag:v", "hvc1"];
      return clip("links.mkv", ["-i", withBrokenLinks(clip("open-hevc.mp4", coded)), "-c", "copy"]);
    },
    ends: [56],
  },
];

describe("pictures behind a damaged or a missing one", () => {
  for (const { name, encoder, path, ends } of cases) {
    if (!canEncode(encoder)) {
      it(`NOT CHECKED HERE, no ${encoder}: ${name}`, () => undefined);
      continue;
    }
    it(`${name}: damaged up to where decoding may begin again, in any order, with threads, alike`, async () => {
      const file = path();
      const count = ends.at(-1)!;
      const expected = ends.map((end, at) => (at % 2 === 0 ? "o" : "d").repeat(end - (ends[at - 1] ?? 0))).join("");
      const inTurn = await seen(file, range(0, count), { threadsPerWorker: 1 });
      assert.equal(inTurn.letters, expected);
      for (const threadsPerWorker of [1, 3]) {
        const mixed = await seen(file, shuffled(range(0, count)), { threadsPerWorker });
        assert.deepEqual(mixed, inTurn, `${String(threadsPerWorker)} threads`);
      }
    });
  }

  it("approximate mode says so too", async () => {
    const { path } = cases.find(({ name }) => name.startsWith("MPEG-2"))!;
    const file = clip("behind-mpeg2.mkv", ["-i", path(), "-c", "copy"]);
    const { letters } = await seen(file, shuffled(range(0, 60)), { seekMode: "approximate", threadsPerWorker: 1 });
    assert.equal(letters.slice(0, 7), "o".repeat(7));
    assert.match(letters.slice(7, 15), /^d+$/);
    assert.equal(letters.slice(16), "o".repeat(44));
  });
});
