import { checkSignal, integer, knownKeys, positive } from "./arguments.js";
import type { DecoderPool } from "./decoder-pool.js";
import { argumentError } from "./errors.js";
import { type OverVideoOptions, checkPool, openOn } from "./open-on.js";
import type { MediaSource } from "./sources/media-source.js";
import type { Frame } from "./video/frame.js";
import * as transforms from "./video/transforms.js";

/** Which pictures, how large, and how they lie on the sheets. */
export interface SpritesOptions extends OverVideoOptions {
  /** Seconds from a picture to the next. */
  readonly every: number;
  /** Pictures side by side, and rows of them. Default [10, 10]. */
  readonly tile?: readonly [columns: number, rows: number] | undefined;
  /** Of a picture, in pixels. Default 160. The height follows. */
  readonly width?: number | undefined;
}

/** A picture on a sheet, and when a player should show it: seconds from the first picture on. */
export interface Sprite {
  /** Of its left edge on the sheet, in pixels. */
  readonly x: number;
  /** Of its upper edge on the sheet, in pixels. */
  readonly y: number;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** From then on, inclusive. */
  readonly startSeconds: number;
  /** Up to then, exclusive. */
  readonly stopSeconds: number;
  /** The frame that it shows. */
  readonly index: number;
}

/** A sheet of small pictures, and where each of them lies. */
export interface SpriteSheet {
  /** RGB, row by row: [height, width, 3]. What no picture lies on is black. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** In their order, row by row. */
  readonly sprites: readonly Sprite[];
}

/**
 * Sheets of small pictures, as players show them over their time line, with square pixels and of standard range. Each sheet has as many rows as
 * it needs. A frame that cannot be decoded leaves its place black. Throws as `openVideo` and `frames` do.
 */
export function sprites(source: MediaSource, options: SpritesOptions): AsyncGenerator<SpriteSheet, void, undefined> {
  knownKeys("options", options, ["streamIndex", "codecs", "signal", "every", "tile", "width", "pool"]);
  const { pool, every, tile = [10, 10], width = 160, ...decoding } = options;
  checkSignal(options.signal);
  checkPool(pool);
  const [columns, rows] = tileOf(tile);
  const layout = {
    columns,
    rows,
    every: positive("options.every", every),
    width: integer("options.width", width, 1, 8192),
  };
  return sheetsOf(source, decoding, layout, pool);
}

function tileOf(tile: unknown): readonly [number, number] {
  if (!Array.isArray(tile) || tile.length !== 2) throw argumentError("options.tile", "[columns, rows]", tile);
  const [columns, rows] = tile as unknown[];
  return [integer("options.tile[0]", columns, 1, 1000), integer("options.tile[1]", rows, 1, 1000)];
}

interface Layout {
  readonly every: number;
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
}

async function* sheetsOf(
  source: MediaSource,
  decoding: Omit<OverVideoOptions, "pool">,
  { every, columns, rows, width }: Layout,
  pool: DecoderPool | undefined,
): AsyncGenerator<SpriteSheet, void, undefined> {
  const settings = {
    ...decoding,
    onError: "skip",
    transforms: [transforms.toneMap({ to: "sdr" }), transforms.squarePixels(), transforms.resize({ width })],
  } as const;
  const video = await openOn(pool, source, settings);
  try {
    const { beginStreamSeconds, endStreamSeconds } = video.metadata;
    const { length: count } = video.select({ every }).indices;
    const seconds = (endStreamSeconds ?? NaN) - beginStreamSeconds;
    const perSheet = columns * rows;
    let number = 0;
    for await (const batch of video.batches({ every, size: perSheet, signal: decoding.signal })) {
      const { height } = batch;
      const used = Math.min(columns, count);
      const sheetWidth = used * width;
      const sheetHeight = Math.ceil(batch.length / columns) * height;
      const data = new Uint8Array(sheetWidth * sheetHeight * 3);
      const placed: Sprite[] = [];
      for (const frame of batch) {
        const place = number % perSheet;
        const [x, y] = [(place % columns) * width, Math.floor(place / columns) * height];
        if (frame.status !== "skipped") draw(frame, data, sheetWidth, x, y);
        const startSeconds = number * every;
        const end = startSeconds + every;
        const stopSeconds = number === count - 1 && seconds > startSeconds ? Math.min(end, seconds) : end;
        placed.push({ x, y, width, height, startSeconds, stopSeconds, index: frame.index });
        number++;
      }
      batch.release();
      yield { data, width: sheetWidth, height: sheetHeight, sprites: placed };
    }
  } finally {
    await video.close();
  }
}

function draw(frame: Frame<"uint8">, sheet: Uint8Array, sheetWidth: number, x: number, y: number): void {
  const row = frame.width * 3;
  for (let line = 0; line < frame.height; line++) {
    const from = line * row;
    sheet.set(frame.data.subarray(from, from + row), ((y + line) * sheetWidth + x) * 3);
  }
}

/**
 * WebVTT with a cue for each sprite: `names[i]#xywh=x,y,width,height`, what players' thumbnail tracks are made of. `names`: of the sheets'
 * files, as seen from the track.
 */
export function spriteTrack(sheets: readonly Pick<SpriteSheet, "sprites">[], names: readonly string[]): string {
  const cues = sheets.flatMap(({ sprites: placed }, i) =>
    placed.map(({ x, y, width, height, startSeconds, stopSeconds }) => {
      const place = [x, y, width, height].join(",");
      return `\n${timestamp(startSeconds)} --> ${timestamp(stopSeconds)}\n${names[i] ?? ""}#xywh=${place}\n`;
    }),
  );
  return `WEBVTT\n${cues.join("")}`;
}

/** hh:mm:ss.ttt, hours of two digits or more. */
function timestamp(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (unit: number, most: number): string => String(Math.floor(milliseconds / unit) % most).padStart(2, "0");
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60)}:${part(1000, 60)}.${String(milliseconds % 1000).padStart(3, "0")}`;
}
