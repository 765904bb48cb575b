// The step from JavaScript into the addon and back, on the thread that a worker would be.
import { type NativeDecodeRequest, type NativeOutput, type NativeReader, binding } from "../../native/addon.js";
import { dimensionOrderCodes, dtypeCodes, pixelFormatCodes } from "../../src/protocol/output.js";
import { onErrorCodes } from "../../src/protocol/video.js";
import { tiny } from "./clips.js";
import { measure } from "./measure.js";

const path = tiny.path();
const size = 32;
const frameBytes = size * size * 3;

function open(): NativeReader {
  const limits = {
    streamIndex: -1,
    maxPixels: 1 << 20,
    maxStreams: 10,
    maxIndexPackets: 10_000,
    formats: "",
    codecs: "",
  };
  const { MediaReader } = binding();
  return new MediaReader({ path }, limits, new Int32Array(new SharedArrayBuffer(4)), 0, 1, false);
}

function withIndex(reader: NativeReader): NativeReader {
  const index = new Uint8Array(new SharedArrayBuffer(reader.buildIndex()));
  reader.takeIndex(index);
  reader.useIndex(index);
  return reader;
}

function request(targets: Int32Array): NativeDecodeRequest & NativeOutput {
  return {
    targets,
    rows: targets.map((_, i) => i),
    output: new Uint8Array(new SharedArrayBuffer(targets.length * frameBytes)),
    status: new Uint8Array(targets.length),
    delivered: new Int32Array(targets.length),
    onError: onErrorCodes.throw,
    moreFollows: true,
    threads: 1,
    format: pixelFormatCodes.rgb24,
    nativeFormat: "",
    type: dtypeCodes.uint8,
    layout: dimensionOrderCodes.NHWC,
    width: size,
    height: size,
    toneMapPeak: 0,
    steps: new Int32Array(),
    mean: new Float32Array(),
    std: new Float32Array(),
    frameBytes,
  };
}

const reader = withIndex(open());
const singles = Array.from({ length: tiny.frames }, (_, i) => request(Int32Array.of(i)));
const whole = request(Int32Array.from({ length: tiny.frames }, (_, i) => i));

await measure("boundary", [
  { name: "call that does nothing (takeStats)", per: "call", operations: 1, run: () => void reader.takeStats() },
  { name: "stream info into JavaScript", per: "call", operations: 1, run: () => void reader.info() },
  {
    name: "decode, one 32x32 frame a call",
    per: "frame",
    operations: tiny.frames,
    run: () => {
      for (const single of singles) reader.decode(single);
    },
  },
  {
    name: `decode, ${tiny.frames} 32x32 frames a call`,
    per: "frame",
    operations: tiny.frames,
    run: () => reader.decode(whole),
  },
  {
    name: "open, index and close a file of 64 frames",
    per: "file",
    operations: 1,
    run: () => withIndex(open()).close(),
  },
]);
reader.close();
