import type sharp from "sharp";
import { OutputError } from "./files.js";

/** The package that draws sheets is the user's to install: everything else needs none. */
class SharpMissing extends OutputError {
  readonly code = "E_SHARP";

  constructor(reason: string, cause: unknown) {
    super(`sheets are drawn with the package sharp, ${reason}`, { cause });
  }
}

/** Throws SharpMissing before anything else is done; does not load it. */
export function checkSharp(): void {
  try {
    import.meta.resolve("sharp");
  } catch (error) {
    throw new SharpMissing(
      "which is not installed. Install it with: npm install sharp (for npx: npx -p framepool -p sharp framepool ...)",
      error,
    );
  }
}

/** Loaded when it is needed: that takes about as long as to start a decoding thread, and can be done meanwhile. */
export async function loadSharp(): Promise<typeof sharp> {
  checkSharp();
  try {
    return (await import("sharp")).default;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new SharpMissing(`which does not load here: ${reason}`, error);
  }
}
