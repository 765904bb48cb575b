import type * as crypto from "node:crypto";
import { createRequire } from "node:module";

// Not imported: Node's own module is a tenth of what importing framepool costs, and few processes keep an index or take one.
const require = createRequire(import.meta.url);
const loadCrypto = () => require("node:crypto") as typeof crypto;

export function sha256(bytes: Uint8Array | string): Buffer {
  return loadCrypto().createHash("sha256").update(bytes).digest();
}
