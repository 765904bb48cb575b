// path-or-open-file.js VIDEO: a path, and a file that is open; the workers read both by themselves.
import { open } from "node:fs/promises";
import { showFirstFrame } from "./first-frame.js";

const [path = "talk.mp4"] = process.argv.slice(2);
await showFirstFrame("path", path);

const file = await open(path);
await showFirstFrame("open file", file);
await file.close(); // whoever opened it closes it
