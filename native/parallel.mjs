// Several commands at once.
import { spawn } from "node:child_process";

/** Runs the tasks `width` at a time and gives their results in order; the first that fails stops the rest. */
export async function inParallel(tasks, width) {
  const waiting = [...tasks.entries()];
  const results = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) results[next[0]] = await next[1]();
  };
  try {
    await Promise.all(Array.from({ length: width }, lane));
  } finally {
    waiting.length = 0;
  }
  return results;
}

/** As run() of commands.mjs, without holding up this process. */
export function runAsync(command, args, { cwd, env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ ok: false, output: error.message }));
    child.on("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString("utf8").trim() }));
  });
}
