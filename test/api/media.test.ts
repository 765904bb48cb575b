import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import {
  type AudioStreamDescription,
  type Media,
  FramepoolTypeError,
  type VideoStreamDescription,
  open,
} from "../../src/index.js";
import { cached, clip, ffmpeg } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { rejection, rejectsWith, testPool } from "./support/pool.js";
import { withSharedMedia } from "./support/shared-media.js";

const folder = temporaryFolder();
const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2"];
const tone = (frequency: number): string[] => [
  "-f",
  "lavfi",
  "-i",
  `sine=frequency=${frequency}:duration=2:sample_rate=44100`,
];

/** A film with two sounds, tags, chapters and a font. */
function rich(): string {
  const chapters = join(folder, "chapters.txt");
  writeFileSync(
    chapters,
    ";FFMETADATA1\ntitle=A film\nartist=Nobody\n" +
      "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=First\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND=2000\n",
  );
  const font = join(folder, "font.ttf");
  writeFileSync(font, "no font at all");
  const streams = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-map_metadata", "3", "-map_chapters", "3"];
  const sound = [
    "-metadata:s:a:0",
    "language=eng",
    "-metadata:s:a:1",
    "language=fre",
    "-metadata:s:a:1",
    "title=Commentary",
  ];
  const options = ["-c:v", "mpeg4", "-c:a", "pcm_s16le", "-ac:a:1", "2", "-disposition:a:1", "comment"];
  const attached = ["-attach", font, "-metadata:s:t", "mimetype=font/ttf"];
  const inputs = [...picture, ...tone(440), ...tone(880), "-i", chapters];
  return cached("rich.mkv", [...inputs.slice(0, -1), ...streams, ...sound, ...options], (path) =>
    ffmpeg([...inputs, ...streams, ...sound, ...options, ...attached, path]),
  );
}

const both = (name: string, options: readonly string[] = []): string =>
  clip(name, [...picture, ...tone(440), "-c:v", "mpeg4", "-g", "12", "-c:a", "aac", ...options]);

const ofKind = <K extends "video" | "audio">(media: Media, kind: K) =>
  media.streams.filter((stream) => stream.kind === kind) as (K extends "video"
    ? VideoStreamDescription
    : AudioStreamDescription)[];

describe("what is in a file", () => {
  const pool = testPool();

  it("is told of the container, its tags, chapters and every stream", async () => {
    const media = await pool.open(rich());
    assert.equal(media.container, "matroska,webm");
    assert.equal(media.durationSeconds, 2);
    assert.equal(media.tags["title"], "A film");
    assert.equal(media.tags["ARTIST"], "Nobody");
    assert.deepEqual(
      media.chapters.map(({ startSeconds, stopSeconds, title }) => [startSeconds, stopSeconds, title]),
      [
        [0, 1.5, "First"],
        [1.5, 2, null],
      ],
    );
    assert.deepEqual(
      media.streams.map(({ index, kind, codec, language, title }) => [index, kind, codec, language, title]),
      [
        [0, "video", "mpeg4", null, null],
        [1, "audio", "pcm_s16le", "eng", null],
        [2, "audio", "pcm_s16le", "fre", "Commentary"],
        [3, "attachment", null, null, null],
      ],
    );
    const [film] = ofKind(media, "video");
    assert.deepEqual(
      [film?.width, film?.height, film?.averageFps, film?.pixelFormat, film?.bitDepth, film?.hdr, film?.isCover],
      [160, 120, 25, "yuv420p", 8, null, false],
    );
    const [first, second] = ofKind(media, "audio");
    assert.deepEqual([first?.sampleRate, first?.numChannels, second?.numChannels], [44100, 1, 2]);
    assert.deepEqual(second?.disposition, ["comment"]);
    await media.close();
  });

  it("may have tags of any name", async () => {
    const path = cached("proto.mkv", picture, (to) =>
      ffmpeg([...picture, "-c:v", "mpeg4", "-metadata", "__proto__=polluted", "-metadata", "constructor=x", to]),
    );
    const { tags } = await pool.open(path);
    const found = Object.entries(tags).filter(([key]) => /proto|constructor/i.test(key));
    assert.deepEqual(found.map(([, value]) => value).sort(), ["polluted", "x"]);
    assert.equal(Object.getPrototypeOf(tags), Object.prototype);
  });

  it("is told of a sound without pictures too, and of a file that is none an error with its code", async () => {
    const sound = clip("tone.wav", tone(440));
    const media = await pool.open(sound);
    assert.deepEqual(
      media.streams.map(({ kind }) => kind),
      ["audio"],
    );
    await rejection(media.video(), "E_NO_STREAM");
    assert.equal((await (await media.audio()).getAllSamples()).shape[1], 88200);
    await rejection(pool.open(new TextEncoder().encode("no media")), "E_UNSUPPORTED_FORMAT");
    await rejection(pool.open(join(folder, "missing.mp4")), "E_NOT_FOUND");
    await assert.rejects(pool.open(sound, { codec: "x" } as never), FramepoolTypeError);
    await assert.rejects(media.audio({ readTimeoutMs: 1 } as never), /options\.readTimeoutMs/);
    const reason = new Error("enough");
    await rejectsWith(pool.open(sound, { signal: AbortSignal.abort(reason) }), reason);
  });

  it("is opened on the shared pool as well", async () => {
    const media = await open(both("both.mp4"));
    assert.deepEqual(
      media.streams.map(({ kind }) => kind),
      ["video", "audio"],
    );
    await media.close();
  });

  withSharedMedia((shared) => {
    it("agrees with ffprobe and with the decoders on real files", async () => {
      const real = (name: string) => pool.open(join(shared, "real", name));
      const rotated = await real("mb_rotate-buck-bunny.mp4");
      const [turned] = ofKind(rotated, "video");
      const { metadata } = await rotated.video();
      assert.deepEqual([turned?.width, turned?.height], [metadata.width, metadata.height]);
      assert.deepEqual([turned?.codedWidth, turned?.rotation], [metadata.codedWidth, metadata.rotation]);
      assert.equal(ofKind(await real("ax_hdr10-av1.mp4"), "video")[0]?.hdr, "pq");
      assert.equal(ofKind(await real("ax_hlg10-color-test.mp4"), "video")[0]?.hdr, "hlg");
      const many = await real("mb_multiple-aac-tracks.mp4");
      assert.deepEqual(
        ofKind(many, "audio").map(({ channelLayout }) => channelLayout),
        ["5.1", "5.1"],
      );
      for (const { index } of ofKind(many, "audio")) {
        assert.equal((await many.audio({ streamIndex: index })).metadata.streamIndex, index);
      }
    });
  });
});

describe("a cover", () => {
  const pool = testPool();
  const image = (): string => clip("cover.jpg", ["-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1"]);
  const album = (): string =>
    clip("album.m4a", [
      ...tone(440),
      "-i",
      image(),
      "-map",
      "0",
      "-map",
      "1",
      "-c:v",
      "copy",
      "-disposition:v:0",
      "attached_pic",
    ]);

  it("says that it is one, and is chosen where there is no other picture", async () => {
    const media = await pool.open(album());
    const [cover] = ofKind(media, "video");
    assert.deepEqual([cover?.isCover, cover?.disposition.includes("attached_pic")], [true, true]);
    const video = await media.video();
    assert.deepEqual([video.length, video.metadata.width], [1, 64]);
  });

  it("is not chosen beside a film, though it is the larger one, or the film is for few", async () => {
    const large = clip("large.jpg", ["-f", "lavfi", "-i", "color=red:size=640x480", "-frames:v", "1"]);
    const first = ["-i", large, ...picture, "-map", "0", "-map", "1", "-c:v:0", "copy", "-c:v:1", "mpeg4"];
    const attached = [...picture, "-c:v", "mpeg4", "-attach", large, "-metadata:s:t", "mimetype=image/jpeg"];
    const covered: Readonly<Record<string, readonly string[]>> = {
      "covered.mp4": [...first, "-disposition:v:0", "attached_pic", "-disposition:v:1", "0"],
      // FFmpeg by itself would take any other picture instead of such a film.
      "covered.mkv": [...attached, "-metadata:s:t", "filename=cover.jpg", "-disposition:v:0", "visual_impaired"],
    };
    for (const [name, options] of Object.entries(covered)) {
      const path = clip(name, options);
      const media = await pool.open(path);
      const covers = ofKind(media, "video").filter(({ isCover }) => isCover);
      assert.equal(covers.length, 1, name);
      for (const video of [await media.video(), await pool.openVideo(path)]) {
        assert.deepEqual([video.metadata.width, video.length], [160, 50], name);
      }
      const asked = await media.video({ streamIndex: covers[0]?.index ?? -1 });
      assert.deepEqual([asked.metadata.width, asked.length], [640, 1], name);
    }
  });
});
