import { writeFileSync } from "node:fs";
import { cached, clip } from "../api/support/ffmpeg.js";
import { loneFieldClips } from "../api/support/field-clips.js";
import { type HardClip, make, pattern, x264, x265 } from "../api/support/hard-clip.js";
import { matroska } from "../api/support/matroska.js";
import { headerOf, rearrangedClips, samplesOf } from "../api/support/rearranged-clips.js";

const noisy = [
  ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25,noise=alls=12:allf=t", "-frames:v", "60"],
  ...["-fflags", "+bitexact", "-flags", "+bitexact"],
];
/** Pictures left out here and there. */
const uneven = ["-vf", "select='not(mod(n,3)*lt(mod(n,11),6))'", "-fps_mode", "vfr"];
const open = ["open-gop=1:scenecut=0:b-adapt=0:b-pyramid=normal"] as const;
/** Close to where the 33 bits of a transport stream's clock begin anew. */
const wrapping = ["-output_ts_offset", "95443"];
const palette = (name: string, flags: string): string =>
  clip(name, ["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=10", "-frames:v", "30", "-gifflags", flags]);

const kind = (name: string, encoder: string, because: string, args: readonly string[]): HardClip =>
  make(name, because, encoder, () => clip(name, args));
const copied = (name: string, from: HardClip, because: string, before: readonly string[], after: readonly string[]) =>
  make(name, because, from.encoder, () => clip(name, [...before, "-i", from.path(), "-c", "copy", ...after]));

const sliced = kind("sliced.mp4", "libx264", "slices of at most 200 bytes", [
  ...pattern(50, "64x48"),
  ...x264(12, 2, "crf=38:slice-max-size=200"),
]);

/** H.264 whose units have a length of so many bytes in front. */
function withLengths(bytes: 1 | 2 | 3): HardClip {
  const name = `lengths-of-${bytes}.mkv`;
  return make(name, "units with short lengths", sliced.encoder, () => {
    const from = sliced.path();
    return cached(name, [from, "lengths"], (path) => {
      const header = Buffer.from(headerOf(from, "avcC"));
      header[4] = (header[4]! & 0xfc) | (bytes - 1);
      const blocks = samplesOf(from).map(({ place, isKey, bytes: sample }) => {
        const units: Buffer[] = [];
        for (let at = 0; at < sample.length; at += 4 + sample.readUInt32BE(at)) {
          const size = sample.readUInt32BE(at);
          // What x264 says of itself is longer, and of no use.
          if (size < 256 ** bytes) units.push(sample.subarray(at + 4 - bytes, at + 4 + size));
        }
        return { time: 200 + place * 40, isKey, frames: [Buffer.concat(units)] };
      });
      writeFileSync(path, matroska("V_MPEG4/ISO/AVC", header, [64, 48], blocks));
    });
  });
}

const pyramid = kind("pyramid.mp4", "libx264", "groups of pictures that are open", [
  ...pattern(60),
  ...x264(15, 3, open[0]),
]);
const interlaced = kind("interlaced.mp4", "libx264", "frames and pairs of fields by macroblock", [
  ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=50", "-frames:v", "50", "-vf", "tinterlace=interleave_top"],
  ...[...x264(12, 3, "bff=1:b-pyramid=strict:open-gop=1"), "-flags", "+ilme+ildct+bitexact"],
]);
const hidden = kind("hidden.webm", "libvpx-vp9", "superframes with pictures that are not shown", [
  ...noisy,
  ...["-c:v", "libvpx-vp9", "-b:v", "150k", "-auto-alt-ref", "1", "-lag-in-frames", "20", "-cpu-used", "5", "-g", "30"],
]);
const av1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "20"];

/** Kinds of files on which frames may easily be others than FFmpeg's, or be so by how they are asked for. */
export const exactClips: readonly HardClip[] = [
  ...rearrangedClips,
  ...loneFieldClips,
  ...([1, 2, 3] as const).map(withLengths),
  kind("uneven.mkv", "libx264", "pictures of uneven lengths", [...pattern(), ...uneven, ...x264(12, 2, open[0])]),
  kind("uneven.avi", "libx264", "the same where times are counted", [...pattern(), ...uneven, ...x264(12, 2, open[0])]),
  copied("fragments.mp4", pyramid, "a fragment for each group, with an index", [], ["-movflags", "+dash+global_sidx"]),
  copied(
    "each-fragment.mp4",
    pyramid,
    "a fragment for each picture",
    [],
    [...["-movflags", "+frag_every_frame+empty_moov+omit_tfhd_offset"]],
  ),
  copied("cut-open.mp4", pyramid, "an edit list that begins within an open group", ["-ss", "0.9"], []),
  copied("wrapping.ts", pyramid, "a clock that wraps", [], wrapping),
  interlaced,
  copied("interlaced.ts", interlaced, "the same in a transport stream", [], []),
  kind("wrapping-hevc.ts", "libx265", "a clock that wraps", [
    ...[...pattern(60), ...x265("keyint=15:bframes=4:open-gop=1:b-adapt=0"), ...wrapping],
  ]),
  kind("temporal-layers.mkv", "libx265", "HEVC of two temporal layers", [
    ...[...pattern(60), ...x265("keyint=15:bframes=7:temporal-layers=1:b-adapt=0:rc-lookahead=12")],
  ]),
  hidden,
  copied("split.mkv", hidden, "their pictures in packets of their own", [], ["-bsf:v", "vp9_superframe_split"]),
  kind("grain.mkv", "libaom-av1", "AV1 with film grain", [...noisy, ...av1, "-aom-params", "film-grain-test=3"]),
  make("offsets.gif", "pictures that paint a part", "gif", () => palette("offsets.gif", "+offsetting-transdiff")),
  make("differences.gif", "pictures that paint what changes", "gif", () => palette("differences.gif", "+transdiff")),
  kind("animated.apng", "apng", "pictures that paint a part", [...pattern(30), "-c:v", "apng", "-pred", "mixed"]),
  kind("theora.ogv", "libtheora", "an index made by decoding", [...pattern(), "-c:v", "libtheora", "-g", "12"]),
  kind("theora-rate.ogv", "libtheora", "quantizers that change", [
    ...["-f", "lavfi", "-i", "testsrc2=size=160x96:rate=25,noise=alls=20:allf=t", "-frames:v", "100"],
    ...["-c:v", "libtheora", "-b:v", "800k", "-g", "64"],
  ]),
  kind("contexts.mkv", "ffv1", "what one picture knows of the last, in slices", [
    ...[...pattern(), "-c:v", "ffv1", "-level", "3", "-slices", "4", "-context", "1", "-g", "12"],
  ]),
  kind("median.avi", "utvideo", "lossless", [...pattern(30), "-c:v", "utvideo", "-pred", "median"]),
];
