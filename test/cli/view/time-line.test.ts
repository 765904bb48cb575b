import assert from "node:assert/strict";
import { test } from "node:test";
import type { PacketColumns } from "../../../src/cli/view/answers.js";
import { commandCall, libraryCall } from "../../../src/cli/view/calls.js";
import { TimeLine } from "../../../src/cli/view/time-line.js";

/** In decoding order: bytes, the frame (-1: none), and whether it is a key packet. */
function columns(...rows: readonly (readonly [size: number, frame: number, key?: 1])[]): PacketColumns {
  return {
    size: rows.map(([size]) => size),
    frame: rows.map(([, frame]) => frame),
    key: rows.map(([, , key]) => key ?? 0),
    pts: rows.map(([, frame]) => (frame < 0 ? null : frame / 25)),
    dts: rows.map((_, packet) => packet / 25),
  };
}

test("frames are key frames, in order, or shown before one that is decoded earlier", () => {
  const line = new TimeLine(columns([90, 0, 1], [30, 3], [20, 1], [10, 2], [80, 4, 1], [25, 5]), 6);
  const kinds = [...Array(6).keys()].map((frame) => line.kindOf(frame));
  assert.deepEqual(kinds, ["key", "reordered", "reordered", "forward", "key", "forward"]);
  assert.deepEqual(line.keyFrames, [0, 4]);
  assert.deepEqual([line.keyFrameBefore(3), line.keyFrameAfter(0), line.keyFrameAfter(4)], [0, 4, undefined]);
  assert.deepEqual([line.bytesOf(3), line.ptsOf(3), line.packetsOf(3)], [30, 0.12, [1]]);
  assert.deepEqual(line.packet(1), { size: 30, dts: 0.04 });
});

test("fields of a frame count together, and packets that show nothing with the next that does", () => {
  const line = new TimeLine(columns([50, 0, 1], [40, 0], [7, -1], [20, 1]), 2);
  assert.deepEqual([line.bytesOf(0), line.packetsOf(0), line.kindOf(0)], [90, [0, 1], "key"]);
  assert.deepEqual([line.bytesOf(1), line.packetsOf(1)], [20, [3]]);
  assert.deepEqual(line.columns(1, 2, 10), [
    { from: 1, to: 2, largest: { key: 0, forward: 20, reordered: 0 }, withHidden: 27 },
  ]);
});

test("a frame without a time or a packet of its own has none", () => {
  const line = new TimeLine({ size: [5], frame: [0], key: [1], pts: [null], dts: [null] }, 2);
  assert.deepEqual([line.ptsOf(0), line.ptsOf(1), line.bytesOf(1), line.packetsOf(1)], [undefined, undefined, 0, []]);
});

test("100,000 frames are as many columns as there is room for, and none is lost", () => {
  const frames = 100_003;
  const line = new TimeLine(
    columns(
      ...Array.from(
        { length: frames },
        (_, i) => [i === 77_777 ? 5000 : 10 + (i % 7), i, ...(i % 50 === 0 ? [1] : [])] as never,
      ),
    ),
    frames,
  );
  const drawn = line.columns(0, frames, 600);
  assert.ok(drawn.length <= 600 && drawn.length > 550, String(drawn.length));
  assert.deepEqual([drawn[0]?.from, drawn.at(-1)?.to], [0, frames]);
  assert.ok(drawn.every(({ from, to }, i) => to > from && from === (drawn[i - 1]?.to ?? 0)));
  assert.deepEqual(
    drawn.filter(({ largest }) => largest.forward === 5000).map(({ from, to }) => from <= 77_777 && to > 77_777),
    [true],
  );
  assert.equal(line.columns(0, 20, 600).length, 20);
});

test("the calls for what is shown are those of the library and of the command", () => {
  const [byIndex, byTime] = [{ by: "index", index: 123 } as const, { by: "time", seconds: 4.1 } as const];
  assert.equal(
    libraryCall("talk.mp4", undefined, byIndex),
    'const video = await VideoDecoder.open("talk.mp4");\nconst frame = await video.getFrameAt(123);',
  );
  assert.equal(
    libraryCall('a "b".mp4', 2, byTime),
    'const video = await VideoDecoder.open("a \\"b\\".mp4", { streamIndex: 2 });\nconst frame = await video.getFramePlayedAt(4.1);',
  );
  assert.equal(commandCall("talk.mp4", undefined, byIndex), "framepool frames talk.mp4 --indices 123 --out frames");
  assert.equal(commandCall("it's.mp4", undefined, byTime), "framepool frames 'it'\\''s.mp4' --times 4.1 --out frames");
  assert.equal(commandCall("talk.mp4", 1, byTime), undefined);
});
