import { availableParallelism } from "node:os";
import { UsageError, type ValuesOf, parseInteger } from "./usage.js";

/** Of every command that decodes. */
export const poolOptions = { workers: { type: "string" }, "index-cache": { type: "string" } } as const;

interface PoolSettings {
  readonly workers: number;
  readonly indexCache: string | undefined;
}

export function parsePoolOptions({ workers, "index-cache": indexCache }: ValuesOf<typeof poolOptions>): PoolSettings {
  if (indexCache === "") throw new UsageError("--index-cache takes a folder");
  return { workers: parseInteger("--workers", workers ?? String(availableParallelism()), 1, 1024), indexCache };
}

/** Lines of a command's help, whose names are so wide. */
export function poolHelp(width: number): string {
  const line = (name: string, text: string): string => {
    const wide = name.length > width ? `${name}\n  ${" ".repeat(width)}` : name.padEnd(width);
    return `  ${wide} ${text}`;
  };
  return [
    line("--workers N", "decoding threads (default: one per processor)"),
    line("--index-cache DIR", "keep there what reading a file through tells of its frames, for the next run"),
  ].join("\n");
}
