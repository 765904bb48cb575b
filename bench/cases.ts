import type { Work } from "./model.js";

/** `minute`: 60 s of 1080p. `quarter`: its first 13 s. `clips`: many short videos. */
export type VideoName = "minute" | "quarter" | "clips";

export interface BenchCase {
  readonly name: string;
  readonly title: string;
  readonly video: VideoName;
  /** Timed runs in one trial; each opens a copy of its own. */
  readonly iterations: number;
  /** What to do with a video of so many frames. */
  readonly work: (frames: number) => Work;
}

/** Drawn once; stated for 1,796 frames and scaled to other lengths, so that the lists of all runs are comparable. */
const drawn = [663, 308, 808, 1333, 98, 148, 1681, 1097, 192, 748];
const drawnOf = 1796;

const uniform = (frames: number): number[] => Array.from({ length: 10 }, (_, i) => Math.floor((i * (frames - 1)) / 9));
const random = (frames: number): number[] => drawn.map((index) => Math.floor((index * frames) / drawnOf));

function clips(frames: number): number[] {
  const starts = random(frames);
  return Array.from({ length: 16 }, (_, i) => ((starts[i % starts.length] ?? 0) + 97 * i) % (frames - 8)).flatMap(
    (start) => Array.from({ length: 8 }, (_, j) => start + j),
  );
}

export const cases: readonly BenchCase[] = [
  { name: "open", title: "open", video: "minute", iterations: 5, work: () => ({ kind: "open" }) },
  { name: "first", title: "open + first frame", video: "minute", iterations: 5, work: () => ({ kind: "first" }) },
  {
    name: "uniform10",
    title: "10 uniform frames",
    video: "minute",
    iterations: 1,
    work: (frames) => ({ kind: "frames", indices: uniform(frames) }),
  },
  {
    name: "random10",
    title: "10 random frames",
    video: "minute",
    iterations: 1,
    work: (frames) => ({ kind: "frames", indices: random(frames) }),
  },
  {
    name: "clips",
    title: "16 clips of 8 frames",
    video: "minute",
    iterations: 1,
    work: (frames) => ({ kind: "frames", indices: clips(frames) }),
  },
  {
    name: "first100",
    title: "first 100 frames",
    video: "minute",
    iterations: 2,
    work: () => ({ kind: "range", stop: 100 }),
  },
  {
    name: "whole",
    title: "whole file, frame by frame",
    video: "quarter",
    iterations: 1,
    work: () => ({ kind: "whole" }),
  },
  {
    name: "resize10",
    title: "10 uniform frames resized to 224x224",
    video: "minute",
    iterations: 1,
    work: (frames) => ({ kind: "resized", indices: uniform(frames), side: 224 }),
  },
  {
    name: "bulk",
    title: "8 uniform frames of each short video",
    video: "clips",
    iterations: 1,
    work: () => ({ kind: "bulk", count: 8 }),
  },
  {
    name: "cold",
    title: "process start to the first frame",
    video: "minute",
    iterations: 3,
    work: () => ({ kind: "cold" }),
  },
];
