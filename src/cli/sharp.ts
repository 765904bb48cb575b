import type sharp from "sharp";

/** Loaded when it is needed: that takes about as long as to start a decoding thread, and can be done meanwhile. */
export async function loadSharp(): Promise<typeof sharp> {
  return (await import("sharp")).default;
}
