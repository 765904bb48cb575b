import { scenes } from "../../index.js";
import { clock } from "../clock.js";
import { onlyFile, withPool } from "../one-file.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { parseCommandLine, parseInteger, type Command } from "../usage.js";

const help = `Usage: framepool scenes FILE [options]

Lists the scenes of a video: a line for each with its first frame, its time, how long it lasts and the score of the cut that it
begins with. The score, 0 to 100, is how much a frame differs from the one before, as small grey pictures, in percent; or by how
much that differs from the change before, where that is less, so that what moves all the time is no cut.

  --threshold N    from what score on a frame begins a scene: 1 to 100 (default 10)
  --json           a JSON object for each scene: start, stop (frames), startSeconds, stopSeconds, score
${poolHelp(16)}

Examples:
  framepool scenes film.mp4
  framepool scenes film.mp4 --threshold 20 --json
  framepool frames film.mp4 --scenes --out frames

Exit code: 0, 1 when the file could not be read, 2 for a wrong command line.
`;

const options = {
  threshold: { type: "string", default: "10" },
  json: { type: "boolean" },
  ...poolOptions,
} as const;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options);
  const input = onlyFile("scenes", positionals);
  const threshold = parseInteger("--threshold", values.threshold, 1, 100);
  return await withPool(input, parsePoolOptions(values), async (pool, signal) => {
    for await (const scene of scenes(input.source, { threshold, pool, signal })) {
      const { start, startSeconds, stopSeconds, score } = scene;
      const seconds = (stopSeconds - startSeconds).toFixed(3);
      const line = `frame ${String(start)}  ${clock(startSeconds, 3)}  ${seconds} s  score ${score.toFixed(1)}`;
      process.stdout.write(`${values.json === true ? JSON.stringify(scene) : line}\n`);
    }
    return 0;
  });
}

export const scenesCommand: Command = { help, run };
