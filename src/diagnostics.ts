import { channel } from "node:diagnostics_channel";

/** Published to `framepool:log`: everything that FFmpeg logged while a job ran. */
export interface LogMessage {
  /** The source, as in an error's message. */
  readonly source: string;
  /** "level: text" */
  readonly lines: readonly string[];
}

const log = channel("framepool:log");

export function logIsWanted(): boolean {
  return log.hasSubscribers;
}

export function publishLog(message: LogMessage): void {
  if (message.lines.length > 0) log.publish(message);
}
