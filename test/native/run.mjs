// `npm run test:native`: native/av alone, without Node, under the address, leak and undefined-behaviour sanitizers.
// First its parts with expected values, then real and made media, whole, damaged and from sources that misbehave.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SetupError, root, say } from "../../native/commands.mjs";
import { inParallel } from "../../native/parallel.mjs";
import { buildChecks } from "./build.mjs";
import { makeClips } from "./clips.mjs";

const lanes = 2;
const collections = ["../shared/media/real", "../shared/media/torchcodec/media"];
const suppressions = join(root, "test/native/leaks.supp");

const environment = {
  ...process.env,
  // What a hostile header asks for is refused instead of bringing the machine down.
  ASAN_OPTIONS:
    "detect_leaks=1:allocator_may_return_null=1:max_allocation_size_mb=1024:detect_stack_use_after_return=1",
  LSAN_OPTIONS: `suppressions=${suppressions}:print_suppressions=0`,
  UBSAN_OPTIONS: "abort_on_error=1:print_stacktrace=1",
};

/** Files of the collections that are here; a clone without them says so and goes on with its own clips. */
function collectedMedia() {
  return collections.flatMap((collection) => {
    const folder = join(root, collection);
    if (!existsSync(folder)) {
      say(`${collection} is not here: its files are left out`);
      return [];
    }
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(folder, entry.name));
  });
}

/** Runs the program; its last line counts what it did, all others are findings. */
function check(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(chunk));
    child.on("error", (error) => resolve({ counted: {}, findings: [`${program}: ${error.message}`] }));
    child.on("close", (code, signal) => {
      const lines = Buffer.concat(chunks)
        .toString("utf8")
        .split("\n")
        .filter((line) => line !== "");
      const last = lines.find((line) => line.startsWith("counted "));
      const findings = lines.filter((line) => line !== last);
      if (code !== 0) findings.push(`${args.map((arg) => basename(arg)).join(" ")} ended with ${signal ?? code}`);
      resolve({ counted: last === undefined ? {} : JSON.parse(last.slice("counted ".length)), findings });
    });
  });
}

/** What to run besides the units: all media, or the files named on the command line. */
function mediaFor(folder, named) {
  return named.length > 0 ? named : [...makeClips(folder), ...collectedMedia()];
}

async function main(named) {
  const began = performance.now();
  const { program, compiled } = await buildChecks(lanes);
  const built = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "framepool-native-"));
  const totals = { checks: 0, failures: 0, frames: 0, copies: 0, refused: 0 };
  let troubled = 0;
  try {
    const media = mediaFor(folder, named);
    const runs = [["units"], ...media.map((path) => ["media", path])];
    const tasks = runs.map((args) => async () => {
      const { counted, findings } = await check(program, args);
      for (const name of Object.keys(totals)) totals[name] += counted[name] ?? 0;
      if (findings.length === 0) return;
      troubled++;
      console.log(findings.join("\n"));
    });
    await inParallel(tasks, lanes);
    const seconds = (from) => `${((performance.now() - from) / 1000).toFixed(0)} s`;
    const building = `${compiled} objects built in ${((built - began) / 1000).toFixed(0)} s`;
    console.log(
      `${troubled === 0 ? "ok" : `FAILED in ${troubled} runs`}: ${totals.checks} checks, ${media.length} files, ` +
        `${totals.copies} damaged copies and bad sources, ${totals.frames} frames, ${totals.refused} orderly refusals; ` +
        `${building}, checked in ${seconds(built)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return troubled === 0;
}

try {
  if (!(await main(process.argv.slice(2)))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
