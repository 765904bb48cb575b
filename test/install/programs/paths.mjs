// How a file may be named, and what may become of it while it is open: one line of JSON for each check.
import { copyFileSync, createReadStream, mkdirSync, openAsBlob } from "node:fs";
import { open, rename, rm, unlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { DecoderPool } from "framepool";

const original = resolve("media/h264.mp4");
const isWindows = process.platform === "win32";
const folder = resolve("paths");
mkdirSync(folder, { recursive: true });

let copies = 0;
function copy(name = `${copies++}.mp4`) {
  const path = join(folder, name);
  copyFileSync(original, path);
  return path;
}

// Files that are deleted must stay with the worker that has them open.
const pool = new DecoderPool({ workers: 1 });

async function frameOf(source, whileOpen = () => undefined) {
  const video = await pool.openVideo(source);
  try {
    await video.getFrameAt(0);
    await whileOpen();
    const { width, index } = await video.getFrameAt(25);
    return `${width} ${index}`;
  } finally {
    await video.close();
  }
}

const codeOf = (promise) => promise.then(String, (error) => error.code ?? error.message);

const checks = {
  "letters of all scripts": () => frameOf(copy("ä ø 視頻 עברית 😀.mp4")),
  "what shells treat specially": () => frameOf(copy("a %PATH% ^ & ' $(b) [c] #d.mp4")),
  "a relative path": () => frameOf("media/h264.mp4"),
  "a path with dots": () => frameOf("./media/../media/h264.mp4"),
  "a path that is long": () => {
    const names = Array.from({ length: 6 }, (_, level) => `${level}-${"x".repeat(60)}`);
    mkdirSync(join(folder, ...names), { recursive: true });
    return frameOf(copy(join(...names, "long.mp4")));
  },
  "a URL": () => frameOf(pathToFileURL(copy("a b#c.mp4"))),
  "a URL as text": () => frameOf(pathToFileURL(copy("a %20 ä.mp4")).href),
  "an open file": async () => {
    const file = await open(original);
    const { buffer } = await file.read(new Uint8Array(100), 0, 100);
    const frame = await frameOf(file);
    // Its position is where it was.
    const next = await file.read(new Uint8Array(4), 0, 4);
    const whole = await file.read(new Uint8Array(104), 0, 104, 0);
    await file.close();
    const isNext = Buffer.compare(next.buffer, whole.buffer.subarray(100)) === 0 && buffer[4] === whole.buffer[4];
    return isNext ? frame : "the position of the open file was moved";
  },
  "a Blob": async () => frameOf(await openAsBlob(original)),
  "a stream": () => frameOf(createReadStream(original)),
  "deleted while open": () => {
    const path = copy();
    return frameOf(path, () => unlink(path));
  },
  "renamed while open": () => {
    const path = copy();
    return frameOf(path, () => rename(path, `${path}.renamed`));
  },
  "closed, it can be deleted": async () => {
    const path = copy();
    const frame = await frameOf(path);
    await rm(path);
    return frame;
  },
  "no such file": () => codeOf(frameOf(join(folder, "none.mp4"))),
  "no such folder": () => codeOf(frameOf(join(folder, "none/none.mp4"))),
  "a folder": () => codeOf(frameOf(folder)),
  ...(isWindows && {
    "slashes that lean forward": () => frameOf(original.replaceAll("\\", "/")),
    "a drive in lower case": () => frameOf(original[0].toLowerCase() + original.slice(1)),
    "a path without its drive": () => frameOf(original.slice(2)),
    "a path of Windows' own": () => frameOf(`\\\\?\\${original}`),
    "another case": () => frameOf(original.toUpperCase()),
  }),
};

for (const [check, run] of Object.entries(checks)) {
  const found = await run().catch((error) => `${error.code}: ${error.message}`);
  console.log(JSON.stringify({ check, found }));
}
await pool.close();
