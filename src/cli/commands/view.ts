import { onlyFile, withPool } from "../one-file.js";
import { parsePoolOptions, poolHelp, poolOptions } from "../pool-options.js";
import { showUntil } from "../show-page.js";
import { parseCommandLine, parseInteger, type Command } from "../usage.js";
import { serve } from "../view/server.js";
import { ViewedFile } from "../view/viewed-file.js";

const help = `Usage: framepool view FILE [options]

Shows a video in the browser, frame by frame: pictures by number and by time, key frames, times, a time line of the packets with
their sizes and types, exact and approximate side by side, and the call for what is shown. The page is served to this machine
alone (127.0.0.1), at an address that nobody can guess, and loads nothing from elsewhere. Ctrl-C ends it.

  FILE          a video, or its address
  --open        open the page in the browser (default: print its address)
  --port N      where to serve it (default: a free port)
${poolHelp(13)}

Examples:
  framepool view talk.mp4 --open
  framepool view https://example.com/talk.mp4
  framepool view talk.mp4 --port 8080      # on another machine; here: ssh -L 8080:127.0.0.1:8080 machine

Exit code: 0 when it was ended, 1 when the file could not be opened, 2 for a wrong command line.
`;

const options = {
  open: { type: "boolean" },
  port: { type: "string", default: "0" },
  ...poolOptions,
} as const;

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options);
  const input = onlyFile("view", positionals);
  const port = parseInteger("--port", values.port, 0, 65_535);
  return await withPool(input, parsePoolOptions(values), async (pool, signal) => {
    const viewing = await serve(await ViewedFile.open(pool, input, signal), port);
    await showUntil(signal, viewing, input.name, values.open === true);
    return 0;
  });
}

export const viewCommand: Command = { help, run };
