import { DecoderPool, type DecoderPoolOptions } from "../index.js";
import { type Input, toInput } from "./inputs.js";
import { interruptible } from "./interrupt.js";
import { codeOf, describeError, say } from "./messages.js";
import { UsageError } from "./usage.js";

/** The only file that a command takes. */
export function onlyFile(command: string, names: readonly string[]): Input {
  const [name] = names;
  if (name === undefined || names.length > 1) throw new UsageError(`${command} takes one file`);
  return toInput(name);
}

/** What a command does with one file and a pool of its own. Returns the exit code: 1 when the file could not be read, after a line about it. */
export async function withPool(
  { name }: Input,
  options: DecoderPoolOptions,
  work: (pool: DecoderPool, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const pool = new DecoderPool(options);
  try {
    return await interruptible((signal) => work(pool, signal));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    say(describeError(name, error));
    return 1;
  } finally {
    await pool.close();
  }
}
