const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("interrupted");
    this.exitCode = exitCode;
  }
}

/** Runs `work` with a signal that the first SIGINT or SIGTERM aborts with an Interrupted; the second ends the process. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: keyof typeof exitCodes): void => {
    if (stop.signal.aborted) process.exit(exitCodes[name]);
    stop.abort(new Interrupted(exitCodes[name]));
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(stop.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
