import { readFileSync, writeFileSync } from "node:fs";
import { type NalCodec, muxed, typeOf, unitsOf } from "./annexb.js";
import { cached, canEncode, clip } from "./ffmpeg.js";
import { withoutVui } from "./h264-sps.js";
import { allBlocksKey, allSamplesKey, intraSamplesKey } from "./key-flags.js";
import { mjpegFields } from "./mjpeg-fields.js";
import { cutClips } from "./cut-clips.js";
import { fieldClips } from "./field-clips.js";
import { type HardClip, make, pattern, x264, x265 } from "./hard-clip.js";
import { headerClips } from "./header-clips.js";
import { keyFlagClips } from "./key-flag-clips.js";
import { longTermClips } from "./long-term-clips.js";
import { packedClips } from "./packed-clips.js";

const mpeg2 = ["-c:v", "mpeg2video", "-q:v", "4", "-g", "12", "-bf", "2"];
const mpeg4 = ["-c:v", "mpeg4", "-q:v", "4", "-g", "10", "-bf", "2"];
const interlaced = ["-flags", "+ildct+ilme+bitexact"];

/** The packets of another clip: `before` stands in front of the input, `after` behind it. */
function copy(name: string, from: string, before: readonly string[], after: readonly string[] = []): string {
  return clip(name, [...before, "-i", from, ...after, "-c", "copy"]);
}

/** From somewhere inside, whether a key packet is there or not. */
function cutInside(name: string, from: string, seconds: number): string {
  return copy(name, from, [], ["-ss", String(seconds), "-copyinkf"]);
}

function joined(name: string, parts: readonly string[]): string {
  return cached(name, parts, (path) => {
    writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))));
  });
}

const openGop = (): string => clip("open.mkv", [...pattern(), ...x264(12, 3, "open-gop=1:scenecut=0")]);
const hevc = (name: string, params: string): string => clip(name, [...pattern(), ...x265(params)]);
const hevcOpen = (): string => hevc("hevc-open.ts", "keyint=12:bframes=3:open-gop=1");

const reordered = (codec: NalCodec, container: string): string =>
  clip(`reordered-${codec}.${container}`, [
    ...pattern(),
    ...(codec === "h264" ? x264(15, 3, "b-adapt=0") : x265("keyint=15:bframes=3:b-adapt=0")),
  ]);
/** Scenes that come back, so that pictures refer to some before the I picture between them. */
const scenes = (bFrames: number, params: string): string =>
  clip("scenes.mp4", [
    ...pattern(80),
    ...["-vf", "negate=enable='lt(mod(n,20),10)'"],
    ...x264(1000, bFrames, `min-keyint=500:scenecut=60:${params}`),
  ]);
/** Raw H.264 that does not say how far it reorders, put into a container: its times are those of the order of decoding. */
const unsaid = (): string => {
  const raw = clip("unsaid.h264", [...pattern(), ...x264(30, 7, "b-adapt=0:b-pyramid=normal:ref=4")]);
  return muxed("unsaid.mp4", ["no vui", raw], "h264", () =>
    unitsOf(readFileSync(raw)).map((unit) => (typeOf(unit, "h264") === 7 ? withoutVui(unit) : unit)),
  );
};

function patched(name: string, from: string, patch: (bytes: Buffer) => void): string {
  return cached(name, [from, patch.toString()], (path) => {
    const bytes = readFileSync(from);
    patch(bytes);
    writeFileSync(path, bytes);
  });
}

/**
 * Lossless H.264 that says it is of an x264 whose prediction of 8x8 blocks was not the standard's: it says so once, in front
 * of the first picture.
 */
function ofOldX264(name: string): string {
  const lossless = clip(name, [
    ...[...pattern(50, "160x128"), "-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv444p", "-threads", "1"],
    ...["-g", "12", "-bf", "0", "-x264-params", "cabac=0:8x8dct=1:scenecut=0"],
  ]);
  return patched(name, lossless, (bytes) => {
    const text = "x264 - core ";
    bytes.write("142", bytes.indexOf(text) + text.length, "latin1");
  });
}

/** MPEG-4 whose first packet says that an early libavcodec made it, and whose header does not. */
function ofOldLibavcodec(): string {
  const whole = clip("quarter-pel.m4v", [
    ...pattern(50, "104x72"),
    ...[...mpeg4, "-flags", "+qpel+bitexact", "-f", "m4v"],
  ]);
  const user = Buffer.from("000001b2", "hex");
  const named = cached("named.m4v", [whole], (path) => {
    const bytes = readFileSync(whole);
    const picture = bytes.indexOf(Buffer.from("000001b3", "hex"));
    const parts = [bytes.subarray(0, picture), user, Buffer.from("ffmpeg\0"), bytes.subarray(picture)];
    writeFileSync(path, Buffer.concat(parts));
  });
  const boxed = clip("named.mp4", ["-f", "m4v", "-r", "25", "-i", named, "-c", "copy"]);
  return patched("old-libavcodec.mp4", boxed, (bytes) => {
    bytes.write("nobody", bytes.lastIndexOf("\u0000\u0000\u0001\u00b2ffmpeg", undefined, "latin1") + 4, "latin1");
  });
}

export const hardClips: readonly HardClip[] = [
  ...headerClips,
  ...keyFlagClips,
  ...cutClips,
  make("open-cut.mp4", "H.264 that begins at an I picture which is not an IDR", "libx264", () =>
    cutInside("open-cut.mp4", openGop(), 0.7),
  ),
  make("open-cut.mkv", "the same in Matroska", "libx264", () => cutInside("open-cut.mkv", openGop(), 0.7)),
  make("refresh.mkv", "key packets whose pictures are P: recovery takes a while", "libx264", () =>
    clip("refresh.mkv", [...pattern(), ...x264(25, 2, "intra-refresh=1")]),
  ),
  make("refresh-cut.ts", "begins with pictures that the decoder holds back", "libx264", () => {
    const whole = clip("refresh.ts", [...pattern(), ...x264(25, 0, "intra-refresh=1")]);
    return copy("refresh-cut.ts", whole, ["-ss", "1"], ["-copyinkf"]);
  }),
  make("old-x264.mp4", "only the first packet tells how libavcodec has to decode all others", "libx264", () =>
    ofOldX264("old-x264.mp4"),
  ),
  make("old-x264.ts", "the same in a transport stream", "libx264", () => ofOldX264("old-x264.ts")),
  make("old-libavcodec.mp4", "the same in MPEG-4", "mpeg4", ofOldLibavcodec),
  make("unordered.mxf", "B-frames whose timestamps are in decoding order", "libx264", () =>
    clip("unordered.mxf", [...pattern(), ...x264(12, 2, "open-gop=0")]),
  ),
  make("hevc-joined.ts", "HEVC of other parameters joined on, leading pictures lost in between", "libx265", () => {
    const pyramid = hevc("hevc-pyramid.ts", "keyint=25:bframes=6:b-adapt=0:rc-lookahead=10");
    const whole = hevcOpen();
    return joined("hevc-joined.ts", [whole, pyramid, copy("hevc-cut.ts", whole, ["-ss", "0.9"])]);
  }),
  make(
    "mpeg2-cut.ts",
    "B-pictures without their references, their times moved behind the first picture",
    "mpeg2video",
    () => copy("mpeg2-cut.ts", clip("mpeg2.mkv", [...pattern(), ...mpeg2]), ["-ss", "0.7"], ["-copyinkf"]),
  ),
  make("refresh.mp4", "the same in MP4, whose index knows of no recovery", "libx264", () =>
    clip("refresh.mp4", [...pattern(100), ...x264(25, 0, "intra-refresh=1")]),
  ),
  make(
    "scenes.mp4",
    "sync samples that are I pictures, behind which pictures refer to others before them",
    "libx264",
    () => intraSamplesKey(scenes(0, "ref=16"), "scenes-16.mp4"),
  ),
  make("scenes-b.mp4", "the same with B-frames", "libx264", () =>
    intraSamplesKey(scenes(3, "ref=4:b-pyramid=normal"), "scenes-b.mp4"),
  ),
  make("all-key-hevc.mkv", "every block is marked as a key picture", "libx265", () =>
    allBlocksKey(reordered("hevc", "mkv"), "all-key-hevc.mkv"),
  ),
  make("all-key-hevc.mp4", "every sample is marked as a key picture", "libx265", () =>
    allSamplesKey(reordered("hevc", "mp4"), "all-key-hevc.mp4"),
  ),
  make("all-key-h264.mp4", "the same with H.264", "libx264", () =>
    allSamplesKey(reordered("h264", "mp4"), "all-key-h264.mp4"),
  ),
  make("unsaid.mp4", "a pyramid of B-frames without a word on how far it reorders", "libx264", unsaid),
  make("mpeg4-interlaced.mp4", "how B-pictures are decoded depends on the first one seen", "mpeg4", () =>
    clip("mpeg4-interlaced.mp4", [...pattern(), ...mpeg4, ...interlaced]),
  ),
  make("packed.avi", "two pictures in one packet, and packets of none", "libxvid", () =>
    clip("packed.avi", [...pattern(), "-c:v", "libxvid", "-q:v", "4", "-g", "12", "-bf", "2"]),
  ),
  make("packed.mp4", "MPEG-4 whose timestamps ignore that B-pictures come earlier", "libxvid", () =>
    clip("packed.mp4", [...pattern(), "-c:v", "libxvid", "-q:v", "4", "-g", "12", "-bf", "2"]),
  ),
  make("intra-cut.mov", "an edit list that hides a picture which some decoders show all the same", "mjpeg", () =>
    copy("intra-cut.mov", clip("intra-long.mov", [...pattern(40), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"]), [
      "-ss",
      "0.77",
    ]),
  ),
  make("av1-cut.mp4", "the same with AV1", "libaom-av1", () => {
    const av1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-g", "20"];
    return copy("av1-cut.mp4", clip("av1.mp4", [...pattern(40), ...av1]), ["-ss", "1.1"]);
  }),
  make("vp9-444.webm", "a header that only 4:4:4 has", "libvpx-vp9", () =>
    clip("vp9-444.webm", [...pattern(20), "-c:v", "libvpx-vp9", "-cpu-used", "8", "-pix_fmt", "yuv444p", "-g", "8"]),
  ),
  make("vp8-hidden.webm", "pictures that are never shown", "libvpx", () =>
    clip("vp8-hidden.webm", [
      ...["-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25,noise=alls=12:allf=t", "-frames:v", "50"],
      ...["-c:v", "libvpx", "-b:v", "100k", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-g", "25"],
    ]),
  ),
  make("av1-hidden.mkv", "the same of AV1, each in a packet of its own", "libaom-av1", () =>
    copy(
      "av1-hidden.mkv",
      clip("av1-referred.mkv", [
        ...pattern(50),
        ...["-c:v", "libaom-av1", "-cpu-used", "8", "-g", "25", "-lag-in-frames", "19"],
      ]),
      [],
      ["-bsf:v", "av1_frame_split"],
    ),
  ),
  make("cropped.mp4", "cropping on the left by less than rows are aligned to", "libx264", () =>
    copy(
      "cropped.mp4",
      clip("whole.mp4", [...pattern(30), ...x264(10, 2, "scenecut=0")]),
      [],
      [...["-bsf:v", "h264_metadata=crop_left=16:crop_right=8"]],
    ),
  ),
  ...fieldClips,
  ...packedClips,
  ...longTermClips,
  make("joined.ogv", "headers of the next part among the pictures", "libtheora", () => {
    const theora = ["-c:v", "libtheora", "-g", "12"];
    const parts = [
      clip("part-1.ogv", [...pattern(30), ...theora, "-q:v", "3"]),
      clip("part-2.ogv", [...pattern(30), ...theora, "-q:v", "9"]),
    ];
    return cached("joined.ogv", parts, (path) => {
      writeFileSync(path, Buffer.concat(parts.map((part) => readFileSync(part))));
    });
  }),
  ...(["mjpeg-fields.avi", "mjpeg-fields.mov"] as const).map((name) =>
    make(name, "Motion JPEG with one field a packet", "mjpeg", () => mjpegFields(name, 24)),
  ),
  make("mjpeg-fields-odd.avi", "the same with a field whose pair is missing", "mjpeg", () =>
    mjpegFields("mjpeg-fields-odd.avi", 23),
  ),
];

/** Whether this machine's FFmpeg can make the clip. */
export function canMake({ encoder }: Pick<HardClip, "encoder">): boolean {
  return encoder === "h264 by hand" || canEncode(encoder);
}
