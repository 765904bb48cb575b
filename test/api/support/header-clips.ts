import { readFileSync } from "node:fs";
import { type NalCodec, isParameterSet, isPicture, joinedOnce, muxed, setsOnce, unitsOf } from "./annexb.js";
import { clip } from "./ffmpeg.js";
import { type HardClip, make, pattern, x264, x265 } from "./hard-clip.js";
import { joinedDescriptions, twoDescriptions } from "./two-descriptions.js";

const smooth = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=25", "-frames:v", "25"];
/** Quality and pattern make the parts differ in what their parameter sets say. */
function headerParts(codec: NalCodec): string[] {
  // Without CABAC, wrong parameters give a wrong picture and no error.
  const coded = (q: number): string[] =>
    codec === "h264" ? x264(10, 0, `cabac=0:qp=${q}`) : x265(`qp=${q}:keyint=10:bframes=0`);
  const first = clip(`first.${codec}`, [...pattern(25), ...coded(23)]);
  const second = clip(`second.${codec}`, [...smooth, ...coded(34)]);
  return [first, second, first];
}
const headersOnce = (container: string, codec: NalCodec): HardClip =>
  make(
    `headers-${codec}.${container}`,
    "parameter sets of the same numbers, sent where they change and nowhere else",
    codec === "h264" ? "libx264" : "libx265",
    () => joinedOnce(`headers-${codec}.${container}`, headerParts(codec), codec),
  );

/** The second part's sets, under numbers of their own, stand in front of a picture of the first part, and nowhere else. */
const headersEarly = (container: string): HardClip =>
  make(`headers-early.${container}`, "parameter sets in front of another picture than needs them", "libx264", () => {
    const [first] = headerParts("h264");
    const second = clip("second-numbered.h264", [...smooth, ...x264(10, 0, "cabac=0:qp=34:sps-id=1")]);
    return muxed(`headers-early.${container}`, ["early", first!, second], "h264", () => {
      const [a, b] = [first!, second].map((part) => unitsOf(readFileSync(part)));
      const pictures = setsOnce(a!, "h264");
      const sets = b!.slice(
        0,
        b!.findIndex((unit) => isPicture(unit, "h264")),
      );
      const needing = b!.filter((unit) => !isParameterSet(unit, "h264"));
      return [...pictures.slice(0, -2), ...sets, ...pictures.slice(-2), ...needing];
    });
  });
const described = (codec: NalCodec): HardClip =>
  make(
    `descriptions-${codec}.mp4`,
    "two sample descriptions in one track",
    codec === "h264" ? "libx264" : "libx265",
    () => {
      const [first, second] = headerParts(codec);
      return twoDescriptions(`descriptions-${codec}.mp4`, [first!, second!], codec);
    },
  );

/** Two sample descriptions of MPEG-4, in one track, and the files whose they are. */
export function describedMpeg4(): { readonly path: string; readonly parts: readonly [string, string] } {
  const first = clip("first-mpeg4.mp4", [...pattern(25), "-c:v", "mpeg4", "-g", "10", "-bf", "2"]);
  const quarter = ["-pix_fmt", "yuv420p", "-flags", "+qpel", "-mpeg_quant", "1"];
  const second = clip("second-mpeg4.mp4", [...smooth, "-c:v", "mpeg4", "-g", "8", ...quarter]);
  return { path: joinedDescriptions("descriptions-mpeg4.mp4", [first, second]), parts: [first, second] };
}

/** Headers (parameter sets, sample descriptions, palettes) that are not sent again where they are needed. */
export const headerClips: readonly HardClip[] = [
  ...["mp4", "mkv", "ts"].flatMap((container) => [headersOnce(container, "h264"), headersOnce(container, "hevc")]),
  headersEarly("mp4"),
  headersEarly("mkv"),
  described("h264"),
  described("hevc"),
  make("palette.avi", "the palette comes with the first packet alone", "rawvideo", () =>
    clip("palette.avi", [...pattern(12), "-c:v", "rawvideo", "-pix_fmt", "pal8"]),
  ),
  make("palettes.avi", "every picture comes with a palette of its own", "rawvideo", () =>
    clip("palettes.avi", [
      ...pattern(12),
      ...["-vf", "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1"],
      ...["-c:v", "rawvideo", "-pix_fmt", "pal8"],
    ]),
  ),
  make("palette-once.avi", "a palette comes where it changes and nowhere else", "rawvideo", () => {
    const own = (input: number, name: string): string =>
      `[${String(input)}]split[a${name}][b${name}];[a${name}]palettegen[p${name}];[b${name}][p${name}]paletteuse[${name}]`;
    return clip("palette-once.avi", [
      ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25:duration=0.4"],
      ...["-f", "lavfi", "-i", "testsrc=size=96x64:rate=25:duration=0.4"],
      ...["-filter_complex", `${own(0, "x")};${own(1, "y")};[x][y]concat`],
      ...["-c:v", "rawvideo", "-pix_fmt", "pal8", "-fflags", "+bitexact"],
    ]);
  }),
];
