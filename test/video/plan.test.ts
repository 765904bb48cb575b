import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { planFrames } from "../../src/video/plan/frame-plan.js";
import { schedule } from "../../src/video/plan/schedule.js";

/** A video whose key frames are every `gop` packets and whose pictures come out one packet late, as with B-frames. */
function video(frames: number, gop: number): { start: Int32Array; lastPacket: Int32Array } {
  return {
    start: Int32Array.from({ length: frames }, (_, i) => i - (i % gop)),
    lastPacket: Int32Array.from({ length: frames }, (_, i) => Math.min(i + 1, frames - 1)),
  };
}

const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i);
const jobsOf = (costs: readonly number[]): { cost: number }[] => costs.map((cost) => ({ cost }));
const shown = (costs: readonly number[], cores: number): [number, number][] =>
  schedule(jobsOf(costs), cores).map(({ job, cores }) => [job.cost, cores]);

describe("the plan of a request", () => {
  it("gives every row its frame once, whatever the order and however often", () => {
    const wanted = Int32Array.from([900, 3, 3, 250, 999, 0, 251, 900]);
    const jobs = planFrames(video(1000, 250), wanted, 8);
    const rows = jobs.flatMap((job) => [...job.rows].map((row, i) => [row, job.targets[i]]));
    assert.deepEqual(
      rows.sort(([a], [b]) => a! - b!),
      [...wanted].map((frame, row) => [row, frame]),
    );
    for (const { targets } of jobs) assert.deepEqual(targets, targets.toSorted());
  });

  it("is cut only at key frames", () => {
    const index = video(1000, 100);
    const jobs = planFrames(index, range(0, 1000), 64);
    const starts = jobs.map(({ targets }) => new Set([...targets].map((frame) => index.start[frame])));
    assert.equal(
      new Set(starts.flatMap((set) => [...set])).size,
      starts.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it("keeps long runs apart and joins short ones", () => {
    const long = planFrames(video(1000, 250), Int32Array.from([240, 490, 740, 990]), 8);
    assert.deepEqual(
      long.map(({ targets, cost }) => [targets[0], cost]),
      [
        [240, 243.5],
        [490, 243.5],
        [740, 243.5],
        [990, 243.5],
      ],
    );
    const short = planFrames(video(1000, 1), range(0, 1000), 8);
    assert.equal(short.length, 8);
  });

  it("leaves a long run alone where short ones precede it", () => {
    const jobs = planFrames(video(1000, 250), Int32Array.from([0, 250, 740]), 8);
    assert.deepEqual(
      jobs.map(({ targets }) => [...targets]),
      [[0, 250], [740]],
    );
  });

  it("is nothing for nothing", () => {
    assert.deepEqual(planFrames(video(10, 5), new Int32Array(0), 4), []);
  });
});

describe("the schedule of jobs", () => {
  it("begins with the longest", () => {
    assert.deepEqual(shown([10, 200, 30, 190], 2), [
      [200, 1],
      [190, 1],
      [30, 1],
      [10, 1],
    ]);
  });

  it("begins with others where the longest first would end later", () => {
    const costs = [284, 267, 225, 205, 204, 66];
    const spans = [0, 0];
    for (const [cost] of shown(costs, 2)) spans[spans[0]! <= spans[1]! ? 0 : 1]! += cost;
    // Longest first ends at 693: 284, 205 and 204 beside 267, 225 and 66.
    assert.ok(Math.max(...spans) <= 634, String(spans));
  });

  it("gives a single long job all idle cores", () => {
    assert.deepEqual(shown([100], 2), [[100, 2]]);
    assert.deepEqual(shown([100], 8), [[100, 8]]);
    assert.deepEqual(shown([100], 64), [[100, 16]]);
  });

  it("lets the odd one out share the cores at the end", () => {
    assert.deepEqual(shown([200, 209, 218, 227, 236], 2), [
      [236, 1],
      [227, 1],
      [218, 1],
      [209, 1],
      [200, 2],
    ]);
  });

  it("shares no cores where that gives nothing", () => {
    assert.deepEqual(shown([1], 8), [[1, 1]]);
    assert.deepEqual(shown([100], 1), [[100, 1]]);
    assert.deepEqual(shown([100], 0), [[100, 1]]);
    assert.deepEqual(
      shown([100, 100, 100, 100], 2).map(([, cores]) => cores),
      [1, 1, 1, 1],
    );
  });

  it("never shares more cores than there are at one time", () => {
    for (let cores = 1; cores <= 9; cores++) {
      for (let jobs = 1; jobs <= 12; jobs++) {
        const each = schedule(jobsOf(new Array<number>(jobs).fill(50)), cores).map((job) => job.cores);
        const shared = each.filter((count) => count > 1);
        assert.ok(shared.reduce((sum, count) => sum + count, 0) <= cores, `${cores} cores, ${jobs} jobs`);
      }
    }
  });
});
