import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import {
  DecoderPool,
  type DecoderPoolOptions,
  type ExtractRequest,
  FramepoolError,
  FramepoolTypeError,
  type MediaSource,
  VideoDecoder,
  type VideoDecoderOptions,
  samplers,
} from "../../src/index.js";
import * as adapters from "../../src/adapters/index.js";
import { AudioClipLoader, ClipLoader } from "../../src/loader/index.js";
import { plain } from "./support/clips.js";
import { testPool } from "./support/pool.js";

const pool = testPool();

/** Everything here is wrong whatever the file holds: a TypeError with the code E_ARGUMENT. */
function isMisuse(error: unknown, message: RegExp): true {
  assert.ok(error instanceof FramepoolTypeError && error instanceof TypeError, String(error));
  assert.equal(error.code, "E_ARGUMENT");
  assert.equal(error.name, "FramepoolTypeError");
  assert.match(error.message, message);
  return true;
}

const refused = (call: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(call, (error) => isMisuse(error, message));

describe("wrong sources are refused", () => {
  const sources: readonly (readonly [source: unknown, message: RegExp])[] = [
    [undefined, /for source, received undefined$/],
    [null, /for source, received null$/],
    [3, /Expected a path, a file: URL, .* for source, received 3$/],
    [{}, /received an object of type Object$/],
    [[], /received an object of type Array$/],
    [new Float32Array(4), /received an object of type Float32Array$/],
    ["", /Expected a path that is not empty/],
    ["a\0b", /null bytes/],
    [new DataView(new ArrayBuffer(4)), /received an object of type DataView$/],
    ["http://", /Expected a valid URL for source, received "http:\/\/"$/],
    ["rtsp://example.org/live", /Expected a path, or a file:, http: or https: URL for source, received "rtsp:/],
    ["file://another.example/talk.mp4", /Expected a file: URL that names a file of this machine for source/],
    [new URL("file:///folder%2Ftalk.mp4"), /Expected a file: URL that names a file of this machine for source/],
    [new URL("ftp://example.org/talk.mp4"), /Expected a file:, http: or https: URL for source/],
  ];
  for (const [source, message] of sources) {
    it(source instanceof URL ? source.href : JSON.stringify(source), async () => {
      await refused(pool.openVideo(source as MediaSource), message);
      await refused(VideoDecoder.open(source as MediaSource), message);
    });
  }
});

describe("wrong options are refused", () => {
  const options: readonly (readonly [options: unknown, message: RegExp])[] = [
    [null, /for options, received null/],
    ["exact", /Expected an object for options, received "exact"/],
    [{ streamindex: 1 }, /Expected one of streamIndex, .* for options\.streamindex, received "an unknown option"/],
    [{ streamIndex: -1 }, /Expected an integer from 0 to \d+ for options\.streamIndex, received -1/],
    [{ streamIndex: 1.5 }, /options\.streamIndex/],
    [{ streamIndex: "0" }, /options\.streamIndex, received "0"/],
    [{ seekMode: "fast" }, /Expected "exact" or "approximate" for options\.seekMode, received "fast"/],
    [{ dimensionOrder: "HWC" }, /options\.dimensionOrder/],
    [{ dtype: "float64" }, /options\.dtype/],
    [{ pixelFormat: "bgr24" }, /options\.pixelFormat/],
    [{ pixelFormat: "native", dtype: "float32" }, /options\.dtype/],
    [{ pixelFormat: "native", dimensionOrder: "NCHW" }, /options\.dimensionOrder/],
    [{ onError: "ignore" }, /options\.onError/],
    [{ threadsPerWorker: 0 }, /options\.threadsPerWorker/],
    [{ threadsPerWorker: 65 }, /options\.threadsPerWorker/],
    [{ signal: {} }, /Expected an AbortSignal for signal/],
  ];
  for (const [wrong, message] of options) {
    it(`openVideo: ${JSON.stringify(wrong)}`, () =>
      refused(pool.openVideo(plain.path(), wrong as VideoDecoderOptions), message));
  }

  const poolOptions: readonly (readonly [options: unknown, message: RegExp])[] = [
    [{ threads: 2 }, /options\.threads/],
    [{ workers: 0 }, /Expected an integer from 1 to 1024 for options\.workers, received 0/],
    [{ workers: 2.5 }, /options\.workers/],
    [{ workers: NaN }, /options\.workers, received NaN/],
    [{ workers: "2" }, /options\.workers/],
    [{ memoryBudget: -1 }, /options\.memoryBudget/],
    [{ limits: { maxpixels: 1 } }, /options\.limits\.maxpixels/],
    [{ limits: { maxPixels: 0 } }, /options\.limits\.maxPixels/],
    [{ limits: { maxStreams: 0 } }, /options\.limits\.maxStreams/],
    [{ limits: { maxIndexPackets: Infinity } }, /options\.limits\.maxIndexPackets/],
    [{ limits: { maxOutputBytes: 2 ** 32 } }, /options\.limits\.maxOutputBytes/],
  ];
  for (const [wrong, message] of poolOptions) {
    it(`new DecoderPool: ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => new DecoderPool(wrong as DecoderPoolOptions),
        (error) => isMisuse(error, message),
      );
    });
  }
});

describe("wrong arguments of getters are refused", () => {
  let video: VideoDecoder;
  before(async () => {
    video = await pool.openVideo(plain.path());
  });

  const calls: readonly (readonly [name: string, call: () => Promise<unknown>, message: RegExp])[] = [
    ...[NaN, 1.5, "1", null, undefined, 1n, Infinity, 2 ** 40].map(
      (index) =>
        [
          `getFrameAt(${String(index)})`,
          () => video.getFrameAt(index as number),
          /Expected an integer .* for index/,
        ] as const,
    ),
    ["getFramesAt(3)", () => video.getFramesAt(3 as never), /Expected a list of numbers for indices, received 3/],
    ["getFramesAt('12')", () => video.getFramesAt("12" as never), /a list of numbers/],
    ["getFramesAt([0, 0.5])", () => video.getFramesAt([0, 0.5]), /for indices\[1\], received 0\.5/],
    ["getFramesAt([[0]])", () => video.getFramesAt([[0]] as never), /for indices\[0\]/],
    [
      "getFramesInRange(0, 5, { step: 0 })",
      () => video.getFramesInRange(0, 5, { step: 0 }),
      /from 1 to \d+ for options\.step, received 0/,
    ],
    ["getFramesInRange(0, 5, { step: -1 })", () => video.getFramesInRange(0, 5, { step: -1 }), /for options\.step/],
    ["getFramesInRange(0, 5, 2)", () => video.getFramesInRange(0, 5, 2 as never), /an object for options, received 2/],
    ["getFramesInRange(0.5, 5)", () => video.getFramesInRange(0.5, 5), /for start/],
    ["getFramesInRange(0, NaN)", () => video.getFramesInRange(0, NaN), /for stop/],
    ...[NaN, Infinity, "1", undefined].map(
      (seconds) =>
        [
          `getFramePlayedAt(${String(seconds)})`,
          () => video.getFramePlayedAt(seconds as number),
          /Expected a finite number for seconds/,
        ] as const,
    ),
    ["getFramesPlayedAt([0, NaN])", () => video.getFramesPlayedAt([0, NaN]), /for seconds\[1\], received NaN/],
    ["getFramesPlayedInRange(NaN, 1)", () => video.getFramesPlayedInRange(NaN, 1), /for startSeconds/],
    ["getFramesPlayedInRange(0, '1')", () => video.getFramesPlayedInRange(0, "1" as never), /for stopSeconds/],
    ...[0, -1, NaN, "25"].map(
      (fps) =>
        [
          `fps: ${String(fps)}`,
          () => video.getFramesPlayedInRange(0, 1, { fps: fps as number }),
          /Expected a finite number above 0 for options\.fps/,
        ] as const,
    ),
    ["getAllFrames({ rate: 3 })", () => video.getAllFrames({ rate: 3 } as never), /options\.rate/],
    ["getFrameAt(0, { abort })", () => video.getFrameAt(0, { abort: 1 } as never), /options\.abort/],
    ["getFrameAt(0, { fps })", () => video.getFrameAt(0, { fps: 1 } as never), /options\.fps/],
    ["getFrameAt(0, { signal: 1 })", () => video.getFrameAt(0, { signal: 1 } as never), /for signal/],
    ["getFrameAt(0, null)", () => video.getFrameAt(0, null as never), /for options/],
  ];
  for (const [name, call, message] of calls) it(name, () => refused(call(), message));

  it("and the decoder works on", async () => {
    assert.equal((await video.getFrameAt(1)).index, 1);
  });
});

describe("wrong requests in bulk", () => {
  const requests: readonly (readonly [request: unknown, message: RegExp])[] = [
    [null, /Expected an object for requests\[0\]/],
    [{ source: plain.path() }, /for requests\[0\], received "none"/],
    [{ source: 3, count: 1 }, /for source, received 3/],
    [{ count: 1 }, /for source, received undefined/],
  ];
  for (const [request, message] of requests) {
    it(`${JSON.stringify(request)} throws at once`, () => {
      assert.throws(
        () => pool.extract([request as ExtractRequest]),
        (error) => isMisuse(error, message),
      );
    });
  }

  for (const source of ["", "ftp://example.org/a.mp4", "file://elsewhere%2f/a.mp4", new URL("data:,a")]) {
    it(`a text that is no source (${String(source)}) is its own result's error`, async () => {
      const good = { source: plain.path(), count: 1, key: "good" };
      const keys: unknown[] = [];
      for await (const { key, error, batch } of pool.extract<unknown>([{ source, count: 1 }, good])) {
        keys.push(key);
        if (key === "good") assert.equal(batch?.length, 1);
        else {
          assert.ok(error instanceof FramepoolError);
          assert.equal(error.code, "E_ARGUMENT");
          isMisuse(error.cause, /for source/);
        }
      }
      assert.deepEqual(new Set(keys), new Set([0, "good"]));
    });
  }

  it("options and requests that make no sense at all throw at once", () => {
    for (const wrong of [3, null, undefined, {}, () => undefined]) {
      assert.throws(
        () => pool.extract(wrong as never),
        (error) => isMisuse(error, /Expected an iterable or async iterable for requests/),
      );
    }
    const options: readonly (readonly [unknown, RegExp])[] = [
      [{ maxInFlight: 0 }, /options\.maxInFlight/],
      [{ ordered: "yes" }, /options\.ordered/],
      [{ seekMode: "exact" }, /options\.seekMode/],
      [{ inOrder: true }, /options\.inOrder/],
      [{ signal: true }, /for signal/],
      [null, /for options/],
    ];
    for (const [wrong, message] of options) {
      assert.throws(
        () => pool.extract([], wrong as never),
        (error) => isMisuse(error, message),
      );
    }
  });
});

describe("what is no object of the library's where one belongs is refused", () => {
  const module = {} as never;
  const calls: Readonly<Record<string, (wrong: never) => unknown>> = {
    ClipLoader: (wrong) => new ClipLoader(wrong),
    AudioClipLoader: (wrong) => new AudioClipLoader(wrong),
    clipsAtRandomIndices: (wrong) => samplers.clipsAtRandomIndices(wrong),
    clipsAtRegularTimestamps: (wrong) => samplers.clipsAtRegularTimestamps(wrong, { secondsBetweenClipStarts: 1 }),
    uniformFrames: (wrong) => samplers.uniformFrames(wrong, 2),
    toNpy: (wrong) => adapters.toNpy(wrong),
    toOrtTensor: (wrong) => adapters.toOrtTensor(module, wrong),
    toSharp: (wrong) => adapters.toSharp(module, wrong),
    toRawImage: (wrong) => adapters.toRawImage(module, wrong),
    toRawVideo: (wrong) => adapters.toRawVideo(module, wrong),
    toRawAudio: (wrong) => adapters.toRawAudio(module, wrong),
  };
  for (const [name, call] of Object.entries(calls)) {
    it(name, async () => {
      for (const wrong of [undefined, null, 1, "x", () => 1]) {
        await refused((async () => call(wrong as never))(), /options|decoder|batch|frames?|samples/);
      }
    });
  }
});
