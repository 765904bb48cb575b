// direct-url.js URL: the address is the source; only what decoding needs is fetched.
import { showFirstFrame } from "./first-frame.js";

const [url = "https://example.org/talk.mp4"] = process.argv.slice(2);
await showFirstFrame("URL given directly", new URL(url));
