/** What a case asks for, as plain data: it crosses to the child processes, Python's among them. */
export type Work =
  | { readonly kind: "open" }
  | { readonly kind: "first" }
  | { readonly kind: "frames"; readonly indices: readonly number[] }
  /** To `side` x `side`, with torchcodec's pixels. */
  | { readonly kind: "resized"; readonly indices: readonly number[]; readonly side: number }
  | { readonly kind: "range"; readonly stop: number }
  | { readonly kind: "whole" }
  | { readonly kind: "bulk"; readonly count: number }
  | { readonly kind: "cold" };

/** What a contender found. Two contenders of a case are comparable only where these agree. */
export interface Answer {
  readonly frames: number;
  /** Sum of the frames' times in seconds; null where the contender does not tell times. */
  readonly ptsSum: number | null;
  /** md5 of the rgb24 pixels in order; null where none were made, and in timed runs. */
  readonly pixels: string | null;
}

/** What a child process is told. */
export interface Order {
  readonly contender: string;
  readonly work: Work;
  /** `check` answers with the pixels' digest and times nothing; `time` times. */
  readonly task: "check" | "time";
  /** The files of each run, copies that no earlier run has seen. The first is for the check, or to warm up. */
  readonly sources: readonly (readonly string[])[];
}

/** What a child process reports. Of a check only the answer counts. */
export interface TrialReport {
  readonly wallMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly peakRssMb: number;
  readonly answer: Answer;
}

/** One trial of the timed rounds. */
export interface Timing {
  readonly case: string;
  readonly contender: string;
  readonly round: number;
  readonly wallMs: readonly number[];
  readonly cpuMs: readonly number[];
  readonly peakRssMb: number;
  /** One-minute load average when the trial began. */
  readonly load: number;
}

/** A contender that did not take part in a case, or in any. */
export interface Absence {
  readonly contender: string;
  /** null: in none. */
  readonly case: string | null;
  readonly reason: string;
  /** It should have taken part: another answer than the others, or a failure. */
  readonly failed: boolean;
}

export interface Remark {
  readonly case: string;
  readonly contender: string;
  readonly text: string;
}

export interface Environment {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly os: string;
  readonly node: string;
  readonly ffmpeg: string;
  readonly load: readonly number[];
}

export interface VideoFacts {
  readonly name: string;
  readonly files: number;
  readonly frames: number;
  readonly bytes: number;
}

/** One measurement of a microbenchmark. */
export interface MicroResult {
  readonly group: string;
  readonly name: string;
  /** What one operation is: "call", "frame", "item". */
  readonly per: string;
  readonly medianUs: number;
  readonly p99Us: number;
  readonly samples: number;
}

/** The JSON file that a run writes, and all that a report is made from. */
export interface Results {
  readonly schema: 1;
  readonly quick: boolean;
  readonly rounds: number;
  readonly environment: Environment;
  /** `folder`: the last two parts of its path. */
  readonly media: { readonly folder: string; readonly videos: readonly VideoFacts[] } | null;
  readonly contenders: readonly { readonly name: string; readonly title: string; readonly version: string }[];
  readonly cases: readonly { readonly name: string; readonly title: string }[];
  readonly answers: readonly { readonly case: string; readonly contender: string; readonly answer: Answer }[];
  readonly timings: readonly Timing[];
  readonly absences: readonly Absence[];
  /** What is to be known of a contender that takes part in a case. */
  readonly remarks: readonly Remark[];
  readonly micro: readonly MicroResult[];
}
