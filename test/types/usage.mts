// What the declarations promise, compiled against them and never run.
import {
  DecoderPool,
  type DType,
  type Frame,
  type FrameBatch,
  FramepoolError,
  type FrameSelection,
  VideoDecoder,
  type VideoDecoderOptions,
  httpSource,
  open,
  samplers,
} from "framepool";
import { writeDataset } from "framepool/dataset";
import { ClipLoader } from "framepool/loader";
import { queueStatus } from "framepool/queue";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(...proof: Same<A, B> extends true ? [] : [never]): void;

type Bytes = Uint8Array<SharedArrayBuffer>;
type Floats = Float32Array<SharedArrayBuffer>;

// dtype says what comes, and nothing said is uint8.
const bytes = await VideoDecoder.open("a.mp4");
same<typeof bytes, VideoDecoder<"uint8">>();
const frame = await bytes.getFrameAt(0);
same<typeof frame.data, Bytes>();
const floats = await VideoDecoder.open("a.mp4", { dtype: "float32", dimensionOrder: "NCHW" });
const batch = await floats.getFrames({ count: 3 });
same<typeof batch.data, Floats>();
same<(typeof batch)["dtype"], "float32">();
const row = batch.frame(0);
same<typeof row.data, Floats>();
for await (const each of floats) same<typeof each.data, Floats>();
for await (const each of floats.batches({ size: 4, step: 2 })) same<typeof each.data, Floats>();
const pool = new DecoderPool();
const halves = await pool.openVideo("a.mp4", { dtype: "float16" });
const half = await halves.getFramePlayedAt(1);
same<typeof half.data, Uint16Array<SharedArrayBuffer>>();
const ofMedia = await (await open("a.mp4")).video({ dtype: "float32" });
same<typeof ofMedia, VideoDecoder<"float32">>();
const clips = await samplers.clipsAtRandomIndices(floats, { numClips: 2 });
same<typeof clips.data, Floats>();
for await (const loaded of new ClipLoader({
  items: ["a.mp4"],
  sampler: { type: "selection", count: 8 },
  dtype: "float32",
})) {
  same<typeof loaded.data, Floats>();
}
for await (const loaded of new ClipLoader({
  items: [{ source: "a.mp4", key: "a" }],
  sampler: { type: "randomIndices" },
})) {
  same<typeof loaded.data, Bytes>();
  same<typeof loaded.keys, readonly string[]>();
}

// Options that are not known when it is compiled give any of them; every decoder is a VideoDecoder.
declare const options: VideoDecoderOptions;
const any = await VideoDecoder.open("a.mp4", options);
// What is not known is undefined, and may be handed on as it is.
declare const perhaps: { readonly signal?: AbortSignal; readonly pool?: DecoderPool };
const { signal, pool: given } = perhaps;
await VideoDecoder.open("a.mp4", { signal, streamIndex: undefined });
await open("a.mp4", { signal, readTimeoutMs: undefined });
void new DecoderPool({ workers: undefined, limits: { maxPixels: undefined } });
void new ClipLoader({ items: ["a.mp4"], pool: given, signal, sampler: { type: "randomIndices", seed: undefined } });
void httpSource("https://example.org/a.mp4", { headers: undefined, retries: undefined });
await writeDataset(["a.mp4"], { to: "set", select: { count: 1 }, share: undefined, pool: given, signal });
await queueStatus({ redis: "redis://localhost", name: undefined });
same<typeof any, VideoDecoder<DType>>();
const decoders: VideoDecoder[] = [bytes, floats, halves, any];
const frames: Frame[] = [frame, row, half];
const batches: FrameBatch[] = [batch];
console.log(decoders, frames, batches);

// Copies are for what refuses shared memory.
same<ReturnType<typeof frame.copy>, Uint8Array<ArrayBuffer>>();
same<ReturnType<typeof clips.copy>, Float32Array<ArrayBuffer>>();
console.log(new Response(frame.copy()), new Blob([batch.copy()]), await crypto.subtle.digest("SHA-256", frame.copy()));

for await (const { key, batch: extracted, error } of pool.extract([{ source: "a.mp4", key: "a", every: 1 }], {
  dtype: "float32",
})) {
  same<typeof key, string>();
  if (error) {
    same<typeof error, FramepoolError>();
    continue;
  }
  same<typeof extracted.data, Floats>();
}

// What is not known of an error may be given as such.
console.log(new FramepoolError("E_IO", "torn", { source: undefined, frame: undefined, log: undefined }).log.length);

// A source written in place has the types of its parameters.
const size = 100;
await VideoDecoder.open({
  size,
  read(position, length, { signal }) {
    same<[typeof position, typeof length, typeof signal], [number, number, AbortSignal]>();
    return new Uint8Array(length);
  },
});
pool.extract([{ source: { size: 5, read: async (position, length) => new Uint8Array(position + length) }, count: 1 }]);

const selection: FrameSelection = { times: [1], from: "start", clamp: true };
console.log(await bytes.getFrames(selection), bytes.select({ range: { fps: 1 } }));
// @ts-expect-error -- misspelt
await bytes.getFrames({ evry: 1 });
// @ts-expect-error -- no size
bytes.batches({ step: 2 });
// @ts-expect-error -- every is no option of a loader's selection
new ClipLoader({ items: ["a.mp4"], sampler: { type: "selection", every: 1 } });
