import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { plain, plainMkv } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { reportsOf } from "./support/script.js";

/**
 * libuv's only thread opens a pipe to which nobody writes before the pictures are there; a look at a file waits behind it, as
 * anything would that needs such a thread.
 */
const script = `
  import { closeSync, open, openSync, stat } from "node:fs";
  const [sources, pipe, folder] = args;
  const pool = new DecoderPool({ workers: 8 });
  const videos = await Promise.all(sources.map((source) => pool.openVideo(source)));
  const opened = new Promise((resolve) => open(pipe, "r", (error, file) => resolve(file)));
  let isFree = false;
  const looked = new Promise((resolve) => stat(sources[0], () => resolve((isFree = true))));
  const encode = { format: "jpeg" };
  const counted = async (images) => {
    let count = 0;
    for await (const image of images) count++;
    return count;
  };
  const all = { range: { start: 0 } };
  const counts = await Promise.all(videos.flatMap((video, i) => [
    counted(video.getImages(all, { encode })),
    counted(video.getImages(all, { encode, folder: folder + "/" + i })),
  ]));
  const { threads } = pool.stats;
  report({ counts, threads, isFree });
  closeSync(openSync(pipe, "w"));
  closeSync(await opened);
  await looked;
  await pool.close();
`;

// Windows has no pipes with a name in a folder.
const skip = process.platform === "win32" && "the system has no such pipes";

it("eight workers encode, and write, while libuv's only thread is taken", { skip }, async () => {
  const root = temporaryFolder();
  const pipe = join(root, "pipe");
  execFileSync("mkfifo", [pipe]);
  const args = [[plain.path(), plainMkv()], pipe, root];
  // What waited for that thread would wait for ever, until the process is killed.
  const reports = await reportsOf(script, args, { env: { UV_THREADPOOL_SIZE: "1" } });
  assert.deepEqual(reports, [{ counts: [50, 50, 50, 50], threads: 8, isFree: false }]);
  assert.deepEqual(
    [0, 1].map((i) => readdirSync(join(root, String(i))).length),
    [50, 50],
  );
});
