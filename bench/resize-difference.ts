// How far a fast resize is from the exact one: node dist/bench/resize-difference.js FILE... prints a Markdown table.
import { basename } from "node:path";
import { DecoderPool, type FrameBatch, transforms } from "../src/index.js";

/** [height, width], or the shorter side. */
const sizes: readonly (number | readonly [number, number])[] = [[224, 224], 256, [360, 640]];
const framesOfEach = 8;

interface Difference {
  readonly most: number;
  readonly mean: number;
  /** Of all samples, those that differ by more than 8. */
  readonly far: number;
}

function difference(a: FrameBatch, b: FrameBatch): Difference {
  let [most, sum, far] = [0, 0, 0];
  a.data.forEach((value, i) => {
    const off = Math.abs(value - (b.data[i] ?? NaN));
    most = Math.max(most, off);
    sum += off;
    if (off > 8) far++;
  });
  return { most, mean: sum / a.data.length, far: far / a.data.length };
}

async function frames(
  pool: DecoderPool,
  file: string,
  size: (typeof sizes)[number],
  fast: boolean,
): Promise<FrameBatch> {
  const video = await pool.openVideo(file, { transforms: [transforms.resize(size, { fast })] });
  const last = video.length - 1;
  const wanted = Array.from({ length: framesOfEach }, (_, i) => Math.floor((i * last) / (framesOfEach - 1)));
  const batch = await video.getFramesAt(wanted);
  await video.close();
  return batch;
}

const files = process.argv.slice(2);
const pool = new DecoderPool();
console.log("| file | from | to | largest | mean | more than 8 |\n| --- | --- | --- | --- | --- | --- |");
for (const file of files) {
  const video = await pool.openVideo(file);
  const { width, height } = video.metadata;
  await video.close();
  for (const size of sizes) {
    const [exact, fast] = [await frames(pool, file, size, false), await frames(pool, file, size, true)];
    const { most, mean, far } = difference(fast, exact);
    const to = `${String(exact.width)}x${String(exact.height)}`;
    const percent = `${(100 * far).toFixed(2)} %`;
    console.log(`| ${basename(file)} | ${width}x${height} | ${to} | ${most} | ${mean.toFixed(2)} | ${percent} |`);
    exact.release();
    fast.release();
  }
}
await pool.close();
