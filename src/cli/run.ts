import { messageOf } from "../errors.js";
import { hasCode } from "./files.js";
import { Interrupted } from "./interrupt.js";
import { codeOf, say } from "./messages.js";
import { UsageError } from "./usage.js";

/** Runs a program to its exit code; what goes wrong is one line on stderr, a stack only for our own mistakes. */
export async function runToExit(main: () => Promise<number>, help: string): Promise<void> {
  // The reader of our output has had enough, as in `framepool probe *.mp4 | head -1`.
  process.stdout.on("error", (error) => {
    if (!hasCode(error, "EPIPE")) throw error;
    process.exit();
  });
  // Two screens that the SDK prints of the version of Node: whoever types a command did not choose either.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  try {
    process.exitCode = await main();
  } catch (error) {
    process.exitCode = error instanceof Interrupted ? error.exitCode : error instanceof UsageError ? 2 : 1;
    if (!(error instanceof Interrupted)) say(describe(error, help));
  }
  // A list on standard input that was not read to its end would keep the process.
  process.stdin.destroy();
}

function describe(error: unknown, help: string): string {
  if (!(error instanceof Error)) return messageOf(error);
  if (error instanceof UsageError) return `${error.message}; see ${help}`;
  const code = codeOf(error);
  if (code !== undefined) return `${error.message.replaceAll("\n", " ")} (${code})`;
  return error.name === "OutputError" ? error.message : (error.stack ?? error.message);
}
