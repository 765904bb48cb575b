import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FramepoolError, messageOf, propertyOf } from "../errors.js";

// As deep below dist as the bundle that is shipped, which names them from its own place.
export const decodeWorker = new URL("../../workers/decode-worker.cjs", import.meta.url);
export const ioWorker = new URL("../../workers/io-worker.js", import.meta.url);

const leftBehind =
  "keep framepool outside of the bundle with " +
  'external: ["framepool"] (esbuild --external:framepool; Vite ssr.external; webpack externals: { framepool: "module framepool" }; ' +
  'Next.js serverExternalPackages: ["framepool"]), and install it beside the bundle';

/**
 * A worker's file, which must be where the package has it, with what it imports beside it: a bundler that took this code into a
 * file of its own left it behind, or copied it alone. Throws E_ADDON, which says what to set, instead of starting a thread
 * that cannot come up.
 */
export function workerFile(url: URL): URL {
  const isInPlace = url.pathname.includes("/dist/workers/") && existsSync(fileURLToPath(url));
  if (isInPlace) return url;
  throw new FramepoolError(
    "E_ADDON",
    `framepool was put into a bundle, and its worker threads and native addon cannot go there: ${leftBehind}`,
  );
}

/** Of a thread that nobody ended: `reason` is what it was doing. A thread whose files were left behind is E_ADDON, which says what to set. */
export function threadLost(reason: string, cause: unknown, source?: string): FramepoolError {
  if (propertyOf(cause, "code") !== "ERR_MODULE_NOT_FOUND") {
    return new FramepoolError("E_WORKER_LOST", reason, { source, cause });
  }
  return new FramepoolError(
    "E_ADDON",
    `a file that framepool's worker threads need is not there (${messageOf(cause)}): where only some of its files were copied, ${leftBehind}`,
    { cause },
  );
}
