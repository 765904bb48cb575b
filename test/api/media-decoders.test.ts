import assert from "node:assert/strict";
import { createReadStream, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import type { ByteSource, MediaSource } from "../../src/index.js";
import { memoryContent } from "../support/content.js";
import { RangeServer } from "../support/range-server.js";
import { clip } from "./support/ffmpeg.js";
import { digests } from "./support/pixels.js";
import { rejection, testPool } from "./support/pool.js";
import { rowsOf } from "./support/sound.js";
import { connected } from "./support/user-thread.js";

const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2"];
const tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=44100"];
const film = (): string => clip("film.mp4", [...picture, ...tone, "-c:v", "mpeg4", "-g", "12", "-c:a", "aac"]);

/** Counts how often each byte was asked for. */
class CountedSource implements ByteSource {
  readonly size: number;
  readonly asked: Uint8Array;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.asked = new Uint8Array(bytes.length);
  }

  most(): number {
    return this.asked.reduce((most, times) => Math.max(most, times), 0);
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    for (let i = position; i < position + length; i++) this.asked[i]!++;
    return this.#bytes.subarray(position, position + length);
  }
}

const here = testPool();
const pools = { "of this thread": here, "of another thread": connected(here) };

for (const [where, pool] of Object.entries(pools)) {
  describe(`decoders of one file, on a pool ${where}`, () => {
    let right: { frames: readonly string[]; samples: Float32Array };
    before(async () => {
      const video = await here.openVideo(film());
      const audio = await here.openAudio(film());
      right = {
        frames: digests(await video.getFramesAt([0, 49, 7])),
        samples: rowsOf(await audio.getAllSamples()).data,
      };
      await video.close();
      await audio.close();
    });

    async function check(source: MediaSource): Promise<void> {
      const media = await pool.open(source);
      assert.deepEqual(
        media.streams.map(({ kind }) => kind),
        ["video", "audio"],
      );
      const [video, audio] = await Promise.all([media.video(), media.audio()]);
      const [batch, samples] = await Promise.all([video.getFramesAt([0, 49, 7]), audio.getAllSamples()]);
      assert.deepEqual(digests(batch), right.frames);
      assert.deepEqual(rowsOf(samples).data, right.samples);
      await media.close();
    }

    it("read a stream that came once, an object and bytes", async () => {
      const bytes = readFileSync(film());
      await check(createReadStream(film()));
      await check(new Blob([bytes]).stream());
      await check(bytes);
      await check(film());
    });

    it("ask an object for each byte once", async () => {
      const source = new CountedSource(readFileSync(film()));
      await check(source);
      assert.equal(source.most(), 1);
    });

    it("ask a server for each byte once", async () => {
      const server = await RangeServer.start();
      after(() => server.close());
      const bytes = readFileSync(film());
      await check(server.serve({ content: memoryContent(bytes) }));
      assert.ok(server.traffic.bytes <= bytes.length, `${String(server.traffic.bytes)} of ${String(bytes.length)}`);
    });

    it("work until they are closed, or the file is", async () => {
      for (const source of [film(), new CountedSource(readFileSync(film()))]) {
        const media = await pool.open(source);
        const [video, other, audio] = await Promise.all([media.video(), media.video(), media.audio()]);
        await other.close();
        const frame = await video.getFrameAt(3);
        const under = rejection(video.getAllFrames(), "E_CLOSED");
        const opening = rejection(media.video({ pixelFormat: "gray8", streamIndex: 0 }), "E_CLOSED");
        await media.close();
        await media.close();
        await Promise.all([under, opening]);
        assert.ok(frame.data.length > 0);
        await rejection(video.getFrameAt(3), "E_CLOSED");
        await rejection(audio.getAllSamples(), "E_CLOSED");
        await rejection(media.video(), "E_CLOSED");
        await rejection(media.audio(), "E_CLOSED");
        await video.close();
        await rejectsLoop(video.frames());
      }
    });

    it("keep the source open as long as the file is, whichever of them are closed", async () => {
      const media = await pool.open(createReadStream(film()));
      for (let i = 0; i < 3; i++) {
        const video = await media.video();
        assert.equal((await video.getFrameAt(40)).index, 40);
        await video.close();
      }
      await media.close();
    });
  });
}

async function rejectsLoop(frames: AsyncIterable<unknown>): Promise<void> {
  await rejection(
    (async () => {
      for await (const frame of frames) assert.ok(frame);
    })(),
    "E_CLOSED",
  );
}
