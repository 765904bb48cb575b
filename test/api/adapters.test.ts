import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import * as transformers from "@huggingface/transformers";
import {
  loadVideo,
  toNpy,
  toOrtTensor,
  toRawAudio,
  toRawImage,
  toRawVideo,
  toSharp,
} from "../../src/adapters/index.js";
import { type VideoDecoderOptions, samplers } from "../../src/index.js";
import { gap, plain, sound, still } from "./support/clips.js";
import { meanModel } from "./support/onnx.js";
import { testPool } from "./support/pool.js";

const pool = testPool();
const open = (options: VideoDecoderOptions = {}): ReturnType<typeof pool.openVideo> =>
  pool.openVideo(plain.path(), options);

/** The mean of each part of `size` values. */
function means(values: ArrayLike<number>, size: number): number[] {
  return Array.from({ length: values.length / size }, (_, part) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += values[part * size + i] ?? 0;
    return sum / size;
  });
}

function assertNear(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs((actual[i] ?? NaN) - value) <= tolerance, `${String(actual[i])} for ${String(value)}`),
  );
}

suite("onnxruntime-node", () => {
  const run = async (model: Uint8Array, tensor: ort.Tensor): Promise<Float32Array> => {
    const session = await ort.InferenceSession.create(model);
    const { y } = await session.run({ x: tensor });
    await session.release();
    assert.ok(y?.data instanceof Float32Array);
    return y.data;
  };

  test("clips go into a session: [clips, frames, channels, height, width] of float32", async () => {
    const video = await open({ dtype: "float32", dimensionOrder: "NCHW" });
    const clips = await samplers.clipsAtRandomIndices(video, { numClips: 2, numFramesPerClip: 3, seed: 1 });
    const tensor = toOrtTensor(ort, clips);
    assert.deepEqual(tensor.dims, [2, 3, 3, 64, 96]);
    assertNear(await run(meanModel("float32", 5, [3, 4]), tensor), means(clips.data, 64 * 96), 1e-4);
  });

  test("bytes and half floats go in as what they are", async () => {
    const bytes = await (await open()).getFramesAt([0, 20]);
    const tensor = toOrtTensor(ort, bytes);
    assert.equal(tensor.type, "uint8");
    assertNear(await run(meanModel("uint8", 4, [1, 2, 3]), tensor), means(bytes.data, 64 * 96 * 3), 0.01);
    const halves = await (await open({ dtype: "float16" })).getFrameAt(0);
    const half = toOrtTensor(ort, halves);
    assert.equal(half.type, "float16");
    assert.deepEqual(half.dims, [64, 96, 3]);
    const [mean = 0] = means(bytes.frame(0).data, 64 * 96 * 3);
    assertNear(await run(meanModel("float16", 3, [0, 1, 2]), half), [mean / 255], 1e-3);
  });

  test("the tensor lies over the batch from Node 24 on, and is a copy before", async () => {
    const batch = await (await open()).getFramesAt([0]);
    const data = (toOrtTensor(ort, batch).data as Uint8Array).buffer;
    const newer = Number.parseInt(process.versions.node, 10) >= 24;
    assert.equal(data === batch.data.buffer, newer);
    assert.equal(data instanceof SharedArrayBuffer, newer);
  });
});

suite("transformers.js", () => {
  test("a frame is a RawImage, which outlives it", async () => {
    const frame = await (await open()).getFrameAt(7);
    const pixels = frame.data.slice();
    const image = toRawImage(transformers, frame);
    frame.release();
    assert.ok(image instanceof transformers.RawImage);
    assert.deepEqual([image.width, image.height, image.channels], [96, 64, 3]);
    assert.deepEqual(Uint8Array.from(image.data), pixels);
    const small = await image.resize(24, 16);
    assert.deepEqual([small.width, small.height], [24, 16]);
    assert.equal(image.grayscale().channels, 1);
  });

  test("a batch is a RawVideo with its times", async () => {
    const batch = await (await open({ pixelFormat: "rgba" })).getFramesAt([5, 10, 15]);
    const video = toRawVideo(transformers, batch);
    assert.deepEqual(
      video.frames.map(({ timestamp }) => timestamp),
      [0.2, 0.4, 0.6],
    );
    assert.deepEqual([video.width, video.height, video.frames[0]?.image.channels], [96, 64, 4]);
    assert.ok(Math.abs(video.duration - 0.44) < 1e-9);
    assert.equal(toRawVideo(transformers, batch, 3).duration, 3);
  });

  test("loadVideo does what load_video does in a browser", async () => {
    await assert.rejects(transformers.load_video(plain.path(), { num_frames: 3 }), /browser/);
    const decoder = await open();
    const cases = [
      [{ numFrames: 5 }, [0, 0.5, 1, 1.5, 2], [0, 12, 25, 37, 49]],
      [{ numFrames: 1 }, [1], [25]],
      [{ fps: 4 }, [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75], [0, 6, 12, 18, 25, 31, 37, 43]],
    ] as const;
    for (const [options, times, frames] of cases) {
      const video = await loadVideo(transformers, plain.path(), { pool, ...options });
      assert.ok(video instanceof transformers.RawVideo);
      assert.equal(video.duration, 2);
      assert.deepEqual(
        video.frames.map(({ timestamp }) => timestamp),
        times,
      );
      const expected = await decoder.getFramesAt(frames);
      video.frames.forEach(({ image }, i) => assert.deepEqual(Uint8Array.from(image.data), expected.frame(i).data));
    }
  });

  test("a video of one picture, which is on screen for no time, has that picture", async () => {
    for (const options of [{ numFrames: 3 }, { fps: 2 }]) {
      const video = await loadVideo(transformers, still(), { ...options, pool });
      assert.equal(video.duration, 0);
      assert.equal(video.frames.length, "fps" in options ? 1 : 3);
    }
  });

  test("times of a video that begins later count from its beginning", async () => {
    const video = await loadVideo(transformers, gap.later(), { numFrames: 2, pool });
    assert.deepEqual(
      video.frames.map(({ timestamp }) => timestamp),
      [0, video.duration],
    );
    const { data } = await (await pool.openVideo(gap.later())).getFrameAt(9);
    assert.deepEqual(Uint8Array.from(video.frames[1]!.image.data), data);
  });

  test("sound of one channel is a RawAudio, whose WAV has the samples", async () => {
    const sampleRate = 16_000;
    const decoder = await pool.openAudio(sound(), { sampleRate, numChannels: 1 });
    const samples = await decoder.getSamplesPlayedInRange(0.25, 0.75);
    const expected = samples.data.slice();
    const audio = toRawAudio(transformers, samples);
    samples.release();
    assert.ok(audio instanceof transformers.RawAudio);
    assert.equal(audio.sampling_rate, sampleRate);
    assert.deepEqual(audio.data, expected);
    assert.ok(expected.some((sample) => Math.abs(sample) > 0.01));
    const wav = await pool.openAudio(new Uint8Array(await audio.toBlob().arrayBuffer()));
    const again = await wav.getAllSamples();
    assert.deepEqual([again.shape, again.sampleRate, again.data], [[1, sampleRate / 2], sampleRate, expected]);
    const stereo = await pool.openAudio(sound(), { numChannels: 2 });
    const two = await stereo.getSamplesPlayedInRange(0, 0.1);
    assert.throws(() => toRawAudio(transformers, two), { code: "E_ARGUMENT" });
  });

  test("misuse shows at once", async () => {
    const floats = await (await open({ dtype: "float32" })).getFrameAt(0);
    assert.throws(() => toRawImage(transformers, floats), { code: "E_ARGUMENT" });
    const planes = await (await open({ dimensionOrder: "NCHW" })).getFrameAt(0);
    assert.throws(() => toSharp(sharp, planes), { code: "E_ARGUMENT" });
    assert.throws(() => toRawVideo(transformers, []), { code: "E_ARGUMENT" });
    await assert.rejects(loadVideo(transformers, plain.path(), { pool } as never), { code: "E_ARGUMENT" });
    await assert.rejects(loadVideo(transformers, plain.path(), { fps: 1, numFrames: 1, pool }), { code: "E_ARGUMENT" });
  });
});

suite("sharp", () => {
  for (const [pixelFormat, channels] of [
    ["rgb24", 3],
    ["rgba", 4],
    ["gray8", 1],
  ] as const) {
    test(`a frame of ${pixelFormat} is written and read again`, async () => {
      const frame = await (await open({ pixelFormat })).getFrameAt(3);
      const png = await toSharp(sharp, frame).png().toBuffer();
      const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [96, 64]);
      const first = Array.from({ length: 96 * 64 }, (_, i) => data[i * info.channels]);
      assert.deepEqual(
        first,
        Array.from({ length: 96 * 64 }, (_, i) => frame.data[i * channels]),
      );
    });
  }
});

suite(".npy", () => {
  /** As NumPy's format says it: the header's fields, and where the values begin. */
  const parse = (file: Uint8Array): { header: string; values: Uint8Array } => {
    assert.deepEqual([...file.subarray(0, 8)], [0x93, ...Buffer.from("NUMPY"), 1, 0]);
    const start = 10 + new DataView(file.buffer).getUint16(8, true);
    assert.equal(start % 64, 0);
    const header = new TextDecoder().decode(file.subarray(10, start));
    assert.ok(header.endsWith("\n"));
    return { header: header.trimEnd(), values: file.slice(start) };
  };

  test("has the shape, the type and the values of the batch", async () => {
    const cases = [
      ["uint8", "|u1"],
      ["float32", "<f4"],
      ["float16", "<f2"],
    ] as const;
    for (const [dtype, descr] of cases) {
      const batch = await (await open({ dtype })).getFramesAt([0, 9]);
      const { header, values } = parse(toNpy(batch));
      assert.equal(header, `{'descr': '${descr}', 'fortran_order': False, 'shape': (2, 64, 96, 3), }`);
      assert.deepEqual(values, new Uint8Array(batch.data.buffer, batch.data.byteOffset, batch.data.byteLength).slice());
    }
  });

  test("of one dimension is a tuple of one", () => {
    const { header } = parse(toNpy({ data: new Uint8Array(5), shape: [5] }));
    assert.match(header, /'shape': \(5,\), /);
  });
});
