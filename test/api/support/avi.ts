import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** An AVI whose pictures are of a codec that nobody has. */
export function withUnknownCodec(path: string): Buffer {
  const bytes = readFileSync(path);
  // The handler in the stream's header, and the compression in its BITMAPINFOHEADER.
  const places = [bytes.indexOf("vids") + 4, bytes.indexOf("strf") + 8 + 16];
  for (const place of places) {
    assert.ok(place > 30);
    bytes.write("Q?Q?", place, "latin1");
  }
  return bytes;
}
