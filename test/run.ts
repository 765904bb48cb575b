// `npm test [-- words...]`: Node's own test runner over the compiled tests; words pick the files whose path holds one of them.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { loadedVersions } from "../native/addon.js";

const compiledTests = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const options = process.argv.slice(2).filter((argument) => argument.startsWith("-"));

// Listed here: Node 20 knows no patterns, and later versions would look for them elsewhere.
const files = readdirSync(compiledTests, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.js"))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
  .map((file) => `${compiledTests}${file}`);

if (files.length === 0) {
  console.error(`no test file matches: ${words.join(" ")}`);
  process.exit(1);
}

const { addon, ffmpeg } = loadedVersions();
console.error(
  `framepool: tests with FFmpeg ${ffmpeg.version} (${addon.from}: ${addon.path}), Node ${process.versions.node}`,
);

// Every test file is a process with its own pool of workers: more than a few at once measure each other.
const concurrency = Math.min(4, availableParallelism());
const runner = [
  "--expose-gc",
  "--enable-source-maps",
  "--test",
  "--test-reporter=spec",
  `--test-concurrency=${String(concurrency)}`,
  "--test-timeout=600000",
];
const done = spawnSync(process.execPath, [...runner, ...options, ...files], {
  stdio: ["ignore", "inherit", "inherit"],
});
process.exit(done.status ?? 1);
