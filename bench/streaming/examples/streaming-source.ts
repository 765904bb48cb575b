// streaming-source.js URL: the same with options, and with counts of what it cost.
import { httpSource } from "../../../src/index.js";
import { showFirstFrame } from "./first-frame.js";

const [url = "https://example.org/talk.mp4"] = process.argv.slice(2);
const source = httpSource(url, { retries: 5 });
await showFirstFrame("streaming source", source);
const { requests, bytes } = source.stats;
console.log(`${String(requests)} requests, ${String(bytes)} bytes`);

// What is here already is not fetched again, whichever decoder asks for it.
await showFirstFrame("once more", source);
console.log(`${String(source.stats.requests - requests)} more requests`);
source.close();
