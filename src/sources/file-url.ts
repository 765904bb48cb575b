import { fileURLToPath } from "node:url";
import { isInstance } from "../errors.js";
import type { FilePath } from "../protocol/file-path.js";

/** What a `file:` URL names: bytes where its escapes are not UTF-8 and paths of the system may be so. Throws as fileURLToPath does. */
export function pathOfUrl(address: string | URL): FilePath {
  try {
    return fileURLToPath(address);
  } catch (error) {
    // decodeURIComponent's.
    if (!isInstance(error, URIError) || process.platform === "win32") throw error;
    const { pathname } = new URL(address);
    const bytes = pathname.replace(/%([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
    return Buffer.from(bytes, "latin1");
  }
}

/** The URL of a path of bytes. */
export function urlOfPath(path: Uint8Array): string {
  const escaped = Array.from(path, (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.~/-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return `file://${escaped.join("")}`;
}
