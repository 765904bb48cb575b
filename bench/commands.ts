import { spawnSync } from "node:child_process";

const largestOutput = 64 * 2 ** 20;

/** Runs a program to its end; throws with what it said when it fails. */
export function output(command: string, args: readonly string[], environment?: NodeJS.ProcessEnv): string {
  const done = spawnSync(command, args, {
    encoding: "utf8",
    maxBuffer: largestOutput,
    timeout: 20 * 60 * 1000,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  if (done.status === 0) return done.stdout;
  const said = done.error?.message ?? (done.stderr.trim().split("\n").slice(-6).join("\n") || String(done.signal));
  throw new Error(`${command} ${args.slice(0, 4).join(" ").slice(0, 300)}: ${said}`);
}

/** The first line of a program's output, or undefined where the program is not there. */
export function firstLine(command: string, args: readonly string[]): string | undefined {
  try {
    return output(command, args).split("\n", 1)[0]?.trim();
  } catch {
    return undefined;
  }
}
