/** What the page asks for: types that both ends read, without anything of Node's or of a browser's. */

export interface ShardLine {
  readonly id: string;
  readonly shard: string;
  readonly to: string;
  readonly state: "active" | "done" | "failed" | "waiting";
  readonly inputs: number;
  readonly attempts: number;
  readonly samples?: number;
  readonly failures?: number;
  readonly code?: string;
  readonly message?: string;
}

export interface QueueFacts {
  readonly name: string;
  /** Whether pictures can be asked for. */
  readonly pictures: boolean;
  readonly waiting: number;
  readonly active: number;
  readonly done: number;
  readonly failed: number;
  readonly samples: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly rate: number;
  readonly secondsLeft?: number | undefined;
  readonly shards: readonly ShardLine[];
}

export type Answer = QueueFacts | { readonly error: { readonly code: string; readonly message: string } };
