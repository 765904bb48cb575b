import { rmSync } from "node:fs";
import { cached, ffmpeg } from "./ffmpeg.js";
import { type FieldPicture, writeFieldPictures } from "./field-pictures.js";
import { type HardClip, make } from "./hard-clip.js";

/** Two GOPs of six pictures. */
function fields(coding: (at: number) => FieldPicture["coding"], reordered: boolean): FieldPicture[] {
  const orders = reordered ? [0, 2, 1, 4, 3, 5] : [0, 1, 2, 3, 4, 5];
  return [...orders, ...orders].map((order, at) => ({
    idr: at % 6 === 0,
    reference: !reordered || (at % 6 !== 2 && at % 6 !== 4),
    coding: coding(at % 6),
    order,
  }));
}

function fieldClip(name: string, pictures: readonly FieldPicture[]): string {
  return cached(name, [JSON.stringify(pictures)], (path) => {
    const raw = `${path}.h264`;
    writeFieldPictures(raw, pictures);
    ffmpeg(["-r", "25", "-i", raw, "-c", "copy", path]);
    rmSync(raw);
  });
}

/** A letter a picture, p for two fields, t for a top field alone, f for a frame; a word begins each GOP. */
function spelled(name: string, words: string): string {
  const codings = { p: "field pair", t: "top field alone", f: "frame" } as const;
  const pictures = words.split(" ").flatMap((gop) =>
    Array.from(gop, (letter, at) => ({
      idr: at === 0,
      reference: true,
      coding: codings[letter as keyof typeof codings],
      order: at,
    })),
  );
  return fieldClip(name, pictures);
}

const alone = (name: string, because: string, words: string): HardClip =>
  make(name, because, "h264 by hand", () => spelled(name, words));

/** Fields whose pair was lost, as FFmpeg shows them from start to end. */
export const loneFieldClips: readonly HardClip[] = [
  alone("fields-lost-first.mp4", "GOPs that begin with a field whose pair was lost", "tppppp tppppp tppppp"),
  alone("fields-lost-first.ts", "the same in a transport stream", "tppppf tppppf tppppf"),
  alone("fields-lost-often.mp4", "several such fields in a GOP", "ptptptpp pptptppp pppp"),
  alone("fields-top.mkv", "only one field of each picture", "tttttt tttttt tttttt"),
];

/** Fields behind which FFmpeg's decoder shows pictures of one field, for as long as it lives: of all that it shows, those are not right. */
export const restlessFieldClips: readonly HardClip[] = [
  alone(
    "fields-lost-last.mp4",
    "two fields without their pair right in front of an IDR picture",
    "pppptt pppppp pppppp",
  ),
  alone("fields-lost-among-frames.mp4", "the same, frames between them", "fftftftff pppfff fppfff"),
];

/** H.264 whose pictures are fields, or some of them. */
export const fieldClips: readonly HardClip[] = [
  make(
    "fields.mp4",
    "H.264 whose pictures are two fields each, reordered, without saying how far",
    "h264 by hand",
    () =>
      fieldClip(
        "fields.mp4",
        fields(() => "field pair", true),
      ),
  ),
  make("fields.avi", "the same without presentation times", "h264 by hand", () =>
    fieldClip(
      "fields.avi",
      fields(() => "field pair", true),
    ),
  ),
  make("fields-mixed.mp4", "fields and whole frames in turn, reordered", "h264 by hand", () =>
    fieldClip(
      "fields-mixed.mp4",
      fields((at) => (at % 2 === 0 ? "field pair" : "frame"), true),
    ),
  ),
  make("fields-lost.mp4", "a field whose pair was lost", "h264 by hand", () =>
    fieldClip(
      "fields-lost.mp4",
      fields((at) => (at === 2 ? "top field alone" : "field pair"), false),
    ),
  ),
];
