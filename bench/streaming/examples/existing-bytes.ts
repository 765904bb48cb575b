// existing-bytes.js VIDEO: the bytes are in memory already.
import { readFile } from "node:fs/promises";
import { showFirstFrame } from "./first-frame.js";

const [path = "talk.mp4"] = process.argv.slice(2);
const bytes = await readFile(path);
await showFirstFrame("bytes, copied once so that the workers see them", bytes);

// Workers read shared memory as it is: where the bytes can be put there to begin with, nothing is copied.
const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
shared.set(bytes);
await showFirstFrame("bytes in shared memory", shared);
