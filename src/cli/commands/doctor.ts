import { arch, availableParallelism, cpus, release, type } from "node:os";
import { DecoderPool, type Versions, versions } from "../../index.js";
import { holesOf } from "../ffmpeg-holes.js";
import { knownClip, knownColours } from "../known-clip.js";
import { codeOf } from "../messages.js";
import { parseCommandLine, UsageError, type Command } from "../usage.js";

const help = `Usage: framepool doctor [--json]

Says whether framepool works here: its version, its FFmpeg and what that was configured with, the runtime, the system, which
native addon was loaded and why, and whether a small video comes out as it must. Where something is wrong, it says what to do.

  --json   the same as one JSON object

Exit code: 0 when it works, 1 when it does not, 2 for a wrong command line.
`;

interface Findings {
  readonly ok: boolean;
  readonly system: string;
  readonly cpu: string;
  /** Of this process: known even where the addon does not load. */
  readonly runtime: string;
  readonly versions: Versions | null;
  readonly decoded: string | null;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string | undefined; readonly message: string } | null;
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, { json: { type: "boolean" } });
  if (positionals.length > 0) throw new UsageError("doctor takes no files");
  const findings = await examine();
  process.stdout.write(values.json === true ? `${JSON.stringify(findings)}\n` : describe(findings));
  return findings.ok ? 0 : 1;
}

async function examine(): Promise<Findings> {
  const [processor] = cpus();
  const here = {
    system: `${type()} ${release()}, ${arch()}`,
    cpu: `${processor?.model.trim() ?? "unknown"}, ${String(availableParallelism())} for this process`,
    runtime: `Node ${process.versions.node}`,
  };
  let known: Versions | null = null;
  try {
    known = await versions();
    const decoded = await decodeKnownClip();
    const { runtime, addon, ffmpeg } = known;
    return {
      ok: true,
      ...here,
      runtime,
      versions: known,
      decoded,
      warnings: warningsOf(addon.notLoaded, ffmpeg),
      error: null,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      ...here,
      versions: known,
      decoded: null,
      warnings: [],
      error: { code: codeOf(error), message },
    };
  }
}

function warningsOf(notLoaded: readonly string[], { version }: Versions["ffmpeg"]): string[] {
  const isMissing = (reason: string): boolean => /cannot find module/i.test(reason);
  const broken = notLoaded
    .filter((reason) => !isMissing(reason))
    .map((reason) => `not loaded: ${reason.split("\n")[0] ?? ""}`);
  return [...broken, ...holesOf(version)];
}

/** Resolves to what was decoded; rejects where the pictures are not what they must be. */
async function decodeKnownClip(): Promise<string> {
  const pool = new DecoderPool({ workers: 1 });
  try {
    const video = await pool.openVideo(knownClip);
    const batch = await video.getAllFrames();
    if (batch.length !== knownColours.length)
      throw new Error(`${String(batch.length)} of 3 pictures came out of a video`);
    for (const frame of batch) {
      const expected = knownColours[frame.index] ?? [];
      const isRight = frame.data.every((value, i) => Math.abs(value - (expected[i % 3] ?? -1)) <= largestDifference);
      if (!isRight) throw new Error(`picture ${String(frame.index)} of a video came out with wrong colours`);
    }
    return `${video.metadata.codec}, ${String(batch.length)} pictures of ${batch.shape.slice(1, 3).join("x")}, as they must be`;
  } finally {
    await pool.close();
  }
}

/** FFmpeg's versions and processors round differently. */
const largestDifference = 2;

function originOf({ from }: Versions["addon"]): string {
  if (from === "local build") return "built on this machine";
  return from === "FRAMEPOOL_ADDON" ? "named by FRAMEPOOL_ADDON" : `of the package ${from}`;
}

function describe({ ok, system, cpu, runtime, versions: known, decoded, warnings, error }: Findings): string {
  const lines: [string, string][] = [];
  if (known !== null) {
    const { framepool, ffmpeg, addon, platform, libc } = known;
    lines.push(
      ["framepool", framepool],
      ["FFmpeg", `${ffmpeg.version}, ${ffmpeg.license}`],
      ["configured", ffmpeg.configuration],
      ["addon", `${originOf(addon)}: ${addon.path}`],
      ["platform", libc === null ? platform : `${platform}, ${libc}`],
    );
  }
  lines.push(["runtime", runtime], ["system", system], ["processor", cpu]);
  if (decoded !== null) lines.push(["decoded", decoded]);
  for (const warning of warnings) lines.push(["warning", warning]);
  if (error !== null)
    lines.push(["wrong", error.code === undefined ? error.message : `${error.message} (${error.code})`]);
  lines.push(["result", ok ? "framepool works here" : "framepool does not work here"]);
  return lines.map(([name, value]) => `${name.padEnd(11)} ${value}\n`).join("");
}

export const doctorCommand: Command = { help, run };
