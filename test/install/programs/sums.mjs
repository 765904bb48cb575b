// The md5 of each file of a folder and of those below it, by name: one line of JSON.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";

const sums = {};
for (const name of readdirSync(process.argv[2], { recursive: true, encoding: "utf8" }).sort()) {
  const path = `${process.argv[2]}/${name}`;
  if (statSync(path).isFile())
    sums[name.replaceAll("\\", "/")] = createHash("md5").update(readFileSync(path)).digest("hex");
}
console.log(JSON.stringify(sums));
