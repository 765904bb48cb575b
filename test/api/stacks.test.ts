import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DecoderPool, AudioDecoder, VideoDecoder, open } from "../../src/index.js";
import { plain } from "./support/clips.js";
import { testPool } from "./support/pool.js";
import { sounds } from "./support/sound.js";
import { connected } from "./support/user-thread.js";

const here = testPool({ workers: 2, limits: { maxOutputBytes: 2 ** 16 } });
const text = new TextEncoder().encode("no media at all");
const tone = (): string => sounds("tone.wav", ["-c:a", "pcm_s16le"]);

/** What a user calls, and the frames of the API that the error's stack has to name. */
const ways: Readonly<Record<string, (pool: DecoderPool) => Promise<unknown>>> = {
  "DecoderPool.openVideo": (pool) => pool.openVideo(text),
  "DecoderPool.openAudio": (pool) => pool.openAudio(text),
  "DecoderPool.open": (pool) => pool.open(text),
  "Media.audio": async (pool) => (await pool.open(plain.path())).audio(),
  "VideoDecoder.getAllFrames": async (pool) => await (await pool.openVideo(plain.path())).getAllFrames(),
  "VideoDecoder.getFramesAt": async (pool) => {
    const video = await pool.openVideo(plain.path());
    const frames = video.getFramesAt([1, 2]);
    void video.close();
    return await frames;
  },
  "AudioDecoder.getAllSamples": async (pool) => await (await pool.openAudio(tone())).getAllSamples(),
};

for (const [where, pool] of Object.entries({ "this thread": here, "another thread": connected(here) })) {
  describe(`an error of a pool of ${where}`, () => {
    for (const [name, ask] of Object.entries(ways)) {
      it(`says who called ${name}`, async () => {
        const stack = await whoAsked(() => ask(pool));
        assert.match(stack, new RegExp(` ${name.replace(".", "\\.")} `));
        assert.match(stack, /whoAsked/);
      });
    }

    it("says whose loop it ended", async () => {
      const video = await pool.openVideo(plain.path());
      const stack = await whoAsked(async () => {
        for await (const frame of video.frames()) {
          frame.release();
          await video.close();
        }
      });
      assert.match(stack, /VideoDecoder\.#?frames/);
      assert.match(stack, /whoAsked/);
    });

    it("says who is given a result that is one", async () => {
      let stack = "";
      const whoLoops = async (): Promise<void> => {
        for await (const { error } of pool.extract([{ source: text, count: 1 }])) stack = error?.stack ?? "";
      };
      await whoLoops();
      assert.match(stack, /whoLoops/);
    });
  });
}

describe("an error's stack", () => {
  it("names who passed what is wrong, however deep in the options it is", async () => {
    const whoErrs = (): Promise<unknown> => VideoDecoder.open(plain.path(), { transforms: [3 as never] });
    const error = await whoErrs().catch((reason: unknown) => reason);
    assert.match((error as Error).stack ?? "", /whoErrs/);
  });

  it("is each caller's own, also where one cause fails several", async () => {
    const video = await here.openVideo(plain.path());
    const firstOne = async () => await video.getFrameAt(48);
    const secondOne = async () => await video.getFrameAt(49);
    const both = [firstOne(), secondOne()].map((frame) =>
      frame.then(
        () => "",
        (error: unknown) => (error as Error).stack ?? "",
      ),
    );
    await video.close();
    const [first, second] = await Promise.all(both);
    assert.match(first ?? "", /firstOne/);
    assert.match(second ?? "", /secondOne/);
  });

  it("says who called the short ways", async () => {
    assert.match(await whoAsked(() => VideoDecoder.open(text)), /VideoDecoder\.open|Function\.open/);
    assert.match(await whoAsked(() => AudioDecoder.open(text)), /AudioDecoder\.open|Function\.open/);
    assert.match(await whoAsked(() => open(text)), /open .*media/);
  });
});

/** The stack of what it rejects with. */
async function whoAsked(ask: () => Promise<unknown>): Promise<string> {
  try {
    await ask();
  } catch (error) {
    return (error as Error).stack ?? "";
  }
  return assert.fail("nothing went wrong");
}
