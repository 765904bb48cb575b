// download-first.js URL: all bytes are fetched before anything is decoded.
import { performance } from "node:perf_hooks";
import { showFirstFrame } from "./first-frame.js";

const [url = "https://example.org/talk.mp4"] = process.argv.slice(2);
const began = performance.now();
const bytes = await (await fetch(url)).arrayBuffer();
console.log(`downloaded ${String(bytes.byteLength)} bytes in ${(performance.now() - began).toFixed(0)} ms`);
await showFirstFrame("then", bytes);
