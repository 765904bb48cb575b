import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest, Outcome, Usage } from "./runner.js";

/** A program that writes the first frame of a file as the only PNG in a folder. */
export interface ColdProgram {
  readonly command: string;
  readonly args: readonly string[];
  /** What it costs, from what it wrote to descriptor 3, or to standard error where that is empty. */
  readonly usage: (told: string) => Usage;
}

/** Process start to exit, the first frame of `file` in a PNG. */
export async function runCold(program: (folder: string) => ColdProgram, digest: Digest | null): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "framepool-cold-"));
  const release = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  try {
    const { command, args, usage } = program(folder);
    const told = await runToEnd(command, args);
    const pictures = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".png"));
    if (digest !== null) {
      // Only here: the trials that are timed are not to carry it in their memory.
      const { default: sharp } = await import("sharp");
      for (const picture of pictures) digest.add(0, await sharp(join(folder, picture)).removeAlpha().raw().toBuffer());
    }
    return { frames: pictures.length, ptsSum: null, usage: usage(told), release };
  } catch (error) {
    await release();
    throw error;
  }
}

function runToEnd(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe", "pipe"] });
    let errors = "";
    let told = "";
    child.stdio[2]?.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
    child.stdio[3]?.on("data", (chunk: Buffer) => (told += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(told === "" ? errors : told);
      else reject(new Error(`${command} ${args.join(" ")}: exit code ${String(code)}: ${errors.slice(-500)}`));
    });
  });
}
