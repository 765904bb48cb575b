import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { intra, plain } from "./support/clips.js";
import { canEncode, clip } from "./support/ffmpeg.js";
import { temporaryFolder } from "./support/files.js";
import { table, withContents } from "./support/mp4.js";
import { digest } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { sounds } from "./support/sound.js";
import { truth } from "./support/truth.js";

const folder = temporaryFolder();
const pool = testPool();
const many = 60_000_000;

function changed(name: string, path: string, change: Parameters<typeof withContents>[1]): string {
  const target = join(folder, name);
  writeFileSync(target, withContents(readFileSync(path), change));
  return target;
}

const replaced =
  (boxes: Readonly<Record<string, Buffer>>) =>
  (type: string): Buffer | undefined =>
    boxes[type];

describe("tables that promise more than can be", () => {
  // Without an index nothing counts packets: what stops these is looked at before FFmpeg makes tables of its own.
  const approximate = { seekMode: "approximate" } as const;

  it("samples of one size take no bytes in a table", async () => {
    const boxes = { stsz: table(1, many), stts: table(1, many, 1), stsc: table(1, 1, many, 1) };
    const path = changed("sizes.mp4", plain.path(), replaced(boxes));
    await rejection(pool.openVideo(path, approximate), "E_LIMIT");
    await rejection(pool.openVideo(path), "E_LIMIT");
    // The same table of a track that nobody asked for.
    const both = clip("both.mp4", ["-i", plain.path(), "-i", sounds("both.m4a", ["-c:a", "aac"]), "-c", "copy"]);
    let tracks = 0;
    const other = changed("other.mp4", both, (type) => (type === "stsz" && ++tracks === 2 ? boxes.stsz : undefined));
    await rejection(pool.openVideo(other, approximate), "E_LIMIT");
    await rejection(pool.openAudio(other), "E_LIMIT");
  });

  it("a fragment's run of samples that have nothing of their own", async () => {
    const flags = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];
    const path = clip("fragments.mp4", ["-i", plain.path(), "-c", "copy", ...flags]);
    assert.equal((await pool.openVideo(path)).length, plain.frames);
    let runs = 0;
    const bomb = changed("run.mp4", path, (type, { length }) => {
      if (type !== "trun" || ++runs < 3) return undefined;
      return Buffer.concat([table(many), Buffer.alloc(length - 8)]);
    });
    assert.ok(runs >= 3, "it has so many fragments");
    await rejection(pool.openVideo(bomb, approximate), "E_LIMIT");
  });

  it("chunks of uncompressed sound", async () => {
    const path = sounds("chunks.mov", ["-c:a", "pcm_s16le"]);
    const bomb = changed("chunks.mov", path, replaced({ stsc: table(1, 1, 2 ** 32 - 1, 1) }));
    await rejection(pool.openAudio(bomb), "E_LIMIT");
  });

  it("edits that show the same samples over and over", async () => {
    const edits = Array.from({ length: 20_000 }, () => [2000, 0, 65536]).flat();
    const path = changed("edits.mp4", plain.path(), replaced({ elst: table(20_000, ...edits) }));
    await rejection(pool.openVideo(path), "E_LIMIT");
  });
});

describe("tables that are what they say", () => {
  it("uncompressed sound has more samples than packets", async () => {
    const strict = testPool({ workers: 1, limits: { maxIndexPackets: 1 } });
    const audio = await strict.openAudio(sounds("long.mov", ["-c:a", "pcm_s16le"], { seconds: 40 }));
    assert.equal((await audio.getAllSamples()).shape[1], 40 * 44100);
  });

  it("a scene that edits show again and again", async () => {
    const edits = Array.from({ length: 40 }, () => [2000, 0, 65536]).flat();
    const path = changed("loop.mp4", intra.path(), replaced({ elst: table(40, ...edits) }));
    const expected = truth(path);
    const video = await pool.openVideo(path, { pixelFormat: "native" });
    const got: string[] = [];
    for await (const frame of video.frames()) got.push(digest(frame));
    assert.deepEqual(
      got,
      expected.map(({ md5 }) => md5),
    );
  });

  const codecs = { mp4v: "mpeg4", avc1: "libx264", hvc1: "libx265", vp09: "libvpx-vp9", jpeg: "mjpeg" };
  for (const [entry, encoder] of Object.entries(codecs)) {
    if (!canEncode(encoder)) continue;
    it(`${encoder} in a container that claims 65535x65535`, async () => {
      const extension = entry === "jpeg" ? "mov" : "mp4";
      const source = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "8"];
      const own = clip(`claims-${entry}.${extension}`, [...source, "-c:v", encoder, "-tag:v", entry]);
      const bytes = readFileSync(own);
      const at = bytes.indexOf(entry, bytes.indexOf("stsd"));
      bytes.fill(0xff, at + 28, at + 32);
      const path = join(folder, `claims-${entry}.${extension}`);
      writeFileSync(path, bytes);
      const video = await pool.openVideo(path, { pixelFormat: "native" });
      assert.deepEqual([video.metadata.width, video.metadata.height], [320, 240]);
      const got: string[] = [];
      for await (const frame of video.frames()) got.push(digest(frame));
      assert.deepEqual(
        got,
        truth(own).map(({ md5 }) => md5),
      );
    });
  }
});
