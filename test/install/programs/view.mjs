// Shows a file with `framepool view` of the package, and asks for its page and all that this loads: a line of JSON for each.
// NODE_COMMAND: a list in JSON, how Node is started where its file is not this machine's.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const [command, file] = process.argv.slice(2);
const [node, ...first] = JSON.parse(process.env.NODE_COMMAND ?? JSON.stringify([process.execPath]));
// "ignore" would need /dev/null, which a bare system has not.
const child = spawn(node, [...first, command, "view", file], { stdio: ["pipe", "pipe", "inherit"] });
const ended = once(child, "exit").then(([code]) => {
  throw new Error(`it ended with ${code}`);
});
ended.catch(() => undefined);
try {
  const [address] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
  for (const name of ["", "page.js", "style.css", "icon.svg", "file", "video", "packets", "frame?index=3"]) {
    const response = await fetch(address + name);
    const { length } = new Uint8Array(await response.arrayBuffer());
    console.log(JSON.stringify({ name, status: response.status, type: response.headers.get("content-type"), length }));
  }
} finally {
  child.kill();
}
