// server.js LATENCY-MS MEGABITS-PER-S FILE...: serves the files until its input ends; prints their addresses.
import { basename } from "node:path";
import { fileContent } from "../../test/support/content.js";
import { RangeServer } from "../../test/support/range-server.js";

const [latencyMs = "0", megabitsPerSecond = "0", ...files] = process.argv.slice(2);
const server = await RangeServer.start({
  latencyMs: Number(latencyMs),
  ...(Number(megabitsPerSecond) > 0 ? { megabitsPerSecond: Number(megabitsPerSecond) } : {}),
});
const addresses: string[] = [];
for (const file of files) addresses.push(server.serve({ content: await fileContent(file) }, basename(file)).href);
console.log(JSON.stringify(addresses));
process.stdin.on("end", () => void server.close()).resume();
