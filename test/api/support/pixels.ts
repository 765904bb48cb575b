import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Frame, FrameBatch } from "../../../src/index.js";

interface Values {
  readonly data: Uint8Array | Float32Array | Uint16Array;
}

export function bytesOf(frame: Values): Uint8Array {
  const { data } = frame;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

export function digest(frame: Values): string {
  return md5(bytesOf(frame));
}

export function digests(batch: FrameBatch): string[] {
  return Array.from(batch, digest);
}

/** Digests of every frame, one after the other. */
export async function streamDigests(frames: AsyncIterable<Frame>): Promise<string[]> {
  const all: string[] = [];
  for await (const frame of frames) {
    all.push(digest(frame));
    frame.release();
  }
  return all;
}

/** The pixels of interleaved rows, changed by what they are at. */
export function remap(
  data: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  from: (row: number, column: number) => readonly [row: number, column: number],
  to: readonly [height: number, width: number],
): Uint8Array {
  assert.equal(data.length, height * width * channels);
  const result = new Uint8Array(to[0] * to[1] * channels);
  let at = 0;
  for (let row = 0; row < to[0]; row++) {
    for (let column = 0; column < to[1]; column++) {
      const [y, x] = from(row, column);
      for (let channel = 0; channel < channels; channel++)
        result[at++] = data[(y * width + x) * channels + channel] ?? 0;
    }
  }
  return result;
}

/** Largest difference of two lists of samples. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
  return largest;
}

/** Mean red, green and blue in an 8 x 8 grid of cells, row by row; a cell without pixels is left out. */
export function colourGrid(data: Uint8Array, height: number, width: number): (readonly number[] | undefined)[] {
  return Array.from({ length: 64 }, (_, cell) => {
    const [top, bottom] = span(Math.floor(cell / 8), height);
    const [left, right] = span(cell % 8, width);
    if (top === bottom || left === right) return undefined;
    let [red, green, blue] = [0, 0, 0];
    for (let y = top; y < bottom; y++) {
      const end = (y * width + right) * 3;
      for (let i = (y * width + left) * 3; i < end; i += 3) {
        red += data[i]!;
        green += data[i + 1]!;
        blue += data[i + 2]!;
      }
    }
    return [red, green, blue].map((sum) => sum / ((bottom - top) * (right - left)));
  });
}

function span(part: number, length: number): readonly [number, number] {
  return [Math.floor((part * length) / 8), Math.floor(((part + 1) * length) / 8)];
}

/** As Python rounds, and so torchcodec. */
export function roundHalfToEven(value: number): number {
  const down = Math.floor(value);
  return value - down === 0.5 ? down + (down % 2) : Math.round(value);
}
