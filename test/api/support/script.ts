import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hangMs } from "../../support/hang.js";

const library = new URL("../../../src/index.js", import.meta.url).href;

export interface ScriptOptions {
  /** Node's. */
  readonly flags?: readonly string[];
  /** Then it is killed. */
  readonly deadlineMs?: number;
  /** Besides this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ScriptOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Of what `report(value)` was called with. */
  readonly reports: readonly unknown[];
  readonly stderr: string;
}

/**
 * Runs the body of an async module in a process of its own, with everything the library exports, `args`, `report` and
 * `openFiles(paths)`, how often those are open (where there is /proc/self/fd), in scope. A process that does not end by itself is killed, and its signal says so.
 */
export async function runScript(
  body: string,
  args: readonly unknown[] = [],
  { flags = [], deadlineMs = hangMs, env = {} }: ScriptOptions = {},
): Promise<ScriptOutcome> {
  const source = `
    import { once } from "node:events";
    import { readdirSync, readlinkSync } from "node:fs";
    import * as framepool from ${JSON.stringify(library)};
    const { VideoDecoder, DecoderPool, FramepoolError } = framepool;
    const args = ${JSON.stringify(args)};
    const openFiles = (paths) => {
      const known = new Set(paths);
      return readdirSync("/proc/self/fd").filter((fd) => {
        try { return known.has(readlinkSync("/proc/self/fd/" + fd)); } catch { return false; }
      }).length;
    };
    const report = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
    ${body}`;
  const child = spawn(process.execPath, [...flags, "--input-type=module", "--eval", source], {
    stdio: "pipe",
    env: { ...process.env, ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end();
  const deadline = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject).on("close", (...ended) => resolve(ended));
  });
  clearTimeout(deadline);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { code, signal, stderr, reports: lines.map((line) => JSON.parse(line) as unknown) };
}

/** The same, of a script that must end well and say nothing on standard error. */
export async function reportsOf(
  body: string,
  args: readonly unknown[] = [],
  options: ScriptOptions = {},
): Promise<readonly unknown[]> {
  const { code, signal, stderr, reports } = await runScript(body, args, options);
  assert.equal(stderr, "");
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, "it ended by itself");
  return reports;
}
