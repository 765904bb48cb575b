import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";

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
 * or that cannot be read, is itself too: whoever opens it says what is wrong.
 */
export async function* videosIn(path: string): AsyncGenerator<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  let found = false;
  for await (const video of isFolder ? below(path) : []) {
    found = true;
    yield video;
  }
  if (!found) yield path;
}

async function* below(folder: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) {
    yield folder;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // What is hidden is not meant.
    if (entry.name.startsWith(".")) continue;
    const path = join(folder, entry.name);
    // A link may lead back here: one to a folder is not followed.
    if (entry.isDirectory()) yield* below(path);
    else if (isVideo(entry.name)) yield path;
  }
}
