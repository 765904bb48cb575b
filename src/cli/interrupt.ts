/** SIGBREAK is Ctrl+Break, and on Windows SIGHUP that the window is closed; elsewhere nohup asks that nobody listens to it. */
const exitCodes =
  process.platform === "win32" ? { SIGINT: 130, SIGBREAK: 149, SIGHUP: 129 } : { SIGINT: 130, SIGTERM: 143 };
const signals = Object.entries(exitCodes) as [NodeJS.Signals, number][];

export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted");
    this.exitCode = exitCode;
  }
}

/** Runs `work` with a signal that the first interruption aborts with an Interrupted; the second ends the process. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const listeners = signals.map(([name, exitCode]) => {
    const listener = (): void => {
      if (stop.signal.aborted) process.exit(exitCode);
      stop.abort(new Interrupted(exitCode));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  try {
    return await work(stop.signal);
  } finally {
    for (const remove of listeners) remove();
  }
}
