import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** In which matrix a picture's colours are: JPEG's own, or that of the 1080p and 360p videos, which ffmpeg's encoder leaves as it is. */
export type Matrix = "bt601" | "bt709";

const exactly = "flags=bicubic+accurate_rnd+full_chroma_int";

/**
 * SSIM of pictures by ffmpeg's filter, over red, green and blue, against the frames of a video that `filters` leave: as one looks at them,
 * and each in the matrix that it is in, so that losses alone count.
 */
export function similarity(
  video: string,
  filters: readonly string[],
  pictures: readonly string[],
  matrix: Matrix,
): number {
  const source = [...filters, `scale=${exactly}`, "format=gbrp", "setpts=N/TB"].join(",");
  const picture = [`scale=in_color_matrix=${matrix}:in_range=full:${exactly}`, "format=gbrp", "setpts=N/TB"].join(",");
  const graph = `[0:v]${source}[a];[1:v]${picture}[b];[a][b]ssim=shortest=1`;
  const inputs = ["-i", video, "-f", "image2pipe", "-c:v", "mjpeg", "-i", "pipe:0"];
  const done = spawnSync("ffmpeg", ["-hide_banner", ...inputs, "-lavfi", graph, "-f", "null", "-"], {
    input: Buffer.concat(pictures.map((path) => readFileSync(path))),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  const value = Number(/SSIM .*All:([\d.]+)/.exec(done.stderr)?.[1]);
  if (Number.isFinite(value)) return value;
  throw new Error(`${video}: no SSIM: ${done.stderr.slice(-300)}`);
}
