import { isUtf8 } from "node:buffer";
import { lstat, readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { bytesOf, nameOf } from "./byte-names.js";

/** Of files that a folder is looked through for; what is named itself may have any. */
const extensions = new Set(
  (
    ".3g2 .3gp .asf .avi .divx .dv .f4v .flv .gif .h264 .h265 .hevc .ivf .m2ts .m2v .m4v .mjpeg .mjpg .mkv .mov .mp4 .mpeg .mpg .mts " +
    ".mxf .nut .obu .ogm .ogv .rm .rmvb .ts .vob .webm .wmv .y4m"
  ).split(" "),
);

export function isVideo(name: string): boolean {
  return extensions.has(extname(name).toLowerCase());
}

/**
 * The videos in a folder and those below it, by their names and in their order; what is no folder is itself. A folder without any,
 * or that cannot be read, is itself too: whoever opens it says what is wrong. Looks as long as they are `wanted`.
 */
export async function* videosIn(name: string, wanted: () => boolean): AsyncGenerator<string> {
  const path = bytesOf(name) ?? name;
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  let found = false;
  for await (const video of isFolder ? below(path, wanted) : []) {
    found = true;
    yield typeof video === "string" ? video : nameOf(video);
  }
  if (!found) yield name;
}

async function* below(folder: string | Buffer, wanted: () => boolean): AsyncGenerator<string | Buffer> {
  const names = await namesIn(folder).catch(() => undefined);
  if (names === undefined) {
    yield folder;
    return;
  }
  for (const name of names) {
    if (!wanted()) return;
    const text = name.toString();
    // What is hidden is not meant.
    if (text.startsWith(".")) continue;
    const path = typeof name === "string" && typeof folder === "string" ? join(folder, name) : joined(folder, name);
    // A link may lead back here: one to a folder is not followed.
    const isFolder = await lstat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isFolder) yield* below(path, wanted);
    else if (isVideo(text)) yield path;
  }
}

function joined(folder: string | Buffer, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder), Buffer.from("/"), Buffer.from(name)]);
}

/** In order; in bytes those that are not UTF-8. */
async function namesIn(folder: string | Buffer): Promise<(string | Buffer)[]> {
  const names = await readdir(folder, "buffer");
  return names.map((name) => (isUtf8(name) ? name.toString() : name)).sort((a, b) => (String(a) < String(b) ? -1 : 1));
}
