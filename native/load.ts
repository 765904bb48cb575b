import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// Seen from dist/native, where this file runs.
const addonPath = fileURLToPath(new URL("../../native/build/Release/framepool.node", import.meta.url));
const installScript = fileURLToPath(new URL("../../native/install.mjs", import.meta.url));

/** The addon is missing or this system cannot load it; the message says which and what to do. */
export class AddonLoadError extends Error {
  readonly code = "E_ADDON";

  constructor(cause: unknown) {
    super(`cannot load framepool's native addon: ${explain(cause)} (Node ${process.version}, ${platform()})`, {
      cause,
    });
    this.name = "AddonLoadError";
  }
}

export function loadBinding(): unknown {
  try {
    return createRequire(import.meta.url)(addonPath) as unknown;
  } catch (error) {
    throw new AddonLoadError(error);
  }
}

interface Diagnosis {
  readonly pattern: RegExp;
  readonly cause: string;
}

const diagnoses: readonly Diagnosis[] = [
  {
    pattern: /cannot find module/i,
    cause:
      "it was never built, because the package manager skipped or hid framepool's install script " +
      "(pnpm, bun, newer npm and --ignore-scripts do unless told otherwise), or because FFmpeg's development libraries were missing then",
  },
  {
    pattern: /lib(av|sw)\w+[.\d]*\.(so|dylib)|library not loaded: .*lib(av|sw)/i,
    cause: "FFmpeg's libraries were removed or replaced by another version since it was built",
  },
  {
    pattern: /invalid elf header|wrong elf class|not a mach-o|incompatible architecture|exec format error/i,
    cause: "it was built for another system, and node_modules was copied here",
  },
  {
    pattern: /glibc|glibcxx|symbol not found|undefined symbol|NODE_MODULE_VERSION/i,
    cause: "it was built against other versions of the system libraries, of FFmpeg or of Node",
  },
];

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [detail = message] = message.split("\n");
  const cause = diagnoses.find(({ pattern }) => pattern.test(message))?.cause;
  const causes =
    cause === undefined ? `likely causes: ${diagnoses.map((diagnosis) => diagnosis.cause).join("; ")}` : cause;
  return `${causes}. Build it here with: node ${JSON.stringify(installScript)}. What the system said: ${detail}`;
}

function platform(): string {
  return `${process.platform}-${process.arch}`;
}
