/** The ways to a video that torchcodec's tutorial on streaming compares, and what they cost in requests and bytes. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** Whether the bytes come from the server. */
  readonly remote: boolean;
  /** Whole files take long: they are timed once less often. */
  readonly slow?: boolean;
}

export const scenarios = [
  { name: "bytes", title: "bytes in memory, first frame", remote: false },
  { name: "path", title: "path, first frame", remote: false },
  { name: "handle", title: "open file, first frame", remote: false },
  { name: "download", title: "download, then the first frame", remote: true, slow: true },
  { name: "direct", title: "URL given directly, first frame", remote: true },
  { name: "stream", title: "streaming source, first frame", remote: true },
  { name: "uniform10", title: "streaming source, 10 uniform frames", remote: true },
  { name: "counter", title: "operation counter, first frame", remote: false },
] as const satisfies readonly Scenario[];

export type ScenarioName = (typeof scenarios)[number]["name"];

/** What a trial's process is told. */
export interface StreamingOrder {
  readonly scenario: ScenarioName;
  readonly url: string;
  readonly path: string;
  readonly seekMode: "exact" | "approximate";
  /** Timed runs; one before them warms up and tells what came out. */
  readonly runs: number;
}

/** What it answers, on one line. */
export interface StreamingReport {
  readonly wallMs: readonly number[];
  /** md5 of the rgb24 pixels. */
  readonly pixels: string;
  /** Of the last run, as the server counted them; null where it was not asked. */
  readonly traffic: { readonly requests: number; readonly bytes: number } | null;
  /** Of the operation counter. */
  readonly operations?: Operations;
}

export interface Operations {
  readonly openReads: number;
  readonly openSeeks: number;
  readonly frameReads: number;
  readonly frameSeeks: number;
}
