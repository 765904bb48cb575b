// Recordings cut and joined by their packets, as editors without a decoder do it, and times that do not fit the pictures.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import type { NalCodec } from "./annexb.js";
import { cached, clip, ffprobe } from "./ffmpeg.js";
import { type HardClip, make, pattern, x264, x265 } from "./hard-clip.js";
import { matroska } from "./matroska.js";

/** A packet, with its place in the order of output, in pictures. */
interface Sample {
  readonly place: number;
  readonly isKey: boolean;
  readonly bytes: Buffer;
}

type Arrangement = (samples: readonly Sample[]) => readonly Sample[];

const gop = 15;
const milliseconds = 40;
const codecs = {
  h264: { matroska: "V_MPEG4/ISO/AVC", header: "avcC", encoder: "libx264" },
  hevc: { matroska: "V_MPEGH/ISO/HEVC", header: "hvcC", encoder: "libx265" },
} as const;

/** Groups of pictures that are open: B pictures behind a key picture refer to some before it. */
function open(codec: NalCodec): string {
  return clip(`open-${codec}.mp4`, [
    ...pattern(60),
    ...(codec === "h264"
      ? x264(gop, 3, "open-gop=1:scenecut=0:b-adapt=0:b-pyramid=normal")
      : [...x265(`keyint=${gop}:bframes=4:open-gop=1:b-adapt=0`), "-tag:v", "hvc1"]),
  ]);
}

export function samplesOf(path: string): Sample[] {
  const bytes = readFileSync(path);
  const shown = "packet=pts_time,pos,size,flags";
  const { packets } = JSON.parse(
    ffprobe(["-select_streams", "v:0", "-show_packets", "-show_entries", shown, "-of", "json", path]),
  ) as { packets: readonly Readonly<Record<"pts_time" | "pos" | "size" | "flags", string>>[] };
  return packets.map(({ pts_time: time, pos, size, flags }) => ({
    place: Math.round((Number(time) * 1000) / milliseconds),
    isKey: flags.startsWith("K"),
    bytes: bytes.subarray(Number(pos), Number(pos) + Number(size)),
  }));
}

/** Of a sample description, without its size and type. */
export function headerOf(path: string, type: string): Buffer {
  const bytes = readFileSync(path);
  const at = bytes.lastIndexOf(type, undefined, "latin1");
  assert.ok(at > 4);
  return bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4));
}

/** Every picture but the first is patched together of columns of others: decoding may begin anywhere, and takes a while. */
function refreshing(): string {
  return clip("refreshing.mp4", [...pattern(60), ...x264(2 * gop, 0, "intra-refresh=1")]);
}

/** The packets of a clip, arranged anew, in Matroska or, `copied` from there, in another container. */
function rearranged(name: string, codec: NalCodec, arrange: Arrangement, from: string): string {
  const inMatroska = name.replace(/\.[a-z0-9]+$/, ".mkv");
  const path = cached(inMatroska, [from, "rearranged", arrange.toString()], (target) => {
    const blocks = arrange(samplesOf(from)).map(({ place, isKey, bytes }) => ({
      ...{ isKey, frames: [bytes] },
      time: 200 + place * milliseconds,
    }));
    const { matroska: id, header } = codecs[codec];
    writeFileSync(target, matroska(id, headerOf(from, header), [96, 64], blocks));
  });
  return name === inMatroska ? path : clip(name, ["-copyts", "-i", path, "-c", "copy"]);
}

const keysOf = (samples: readonly Sample[]): number[] => samples.flatMap(({ isKey }, at) => (isKey ? [at] : []));
const later = (samples: readonly Sample[], pictures: number): Sample[] =>
  samples.map((sample) => ({ ...sample, place: sample.place + pictures }));

/** Cut off behind packet 21; then everything from the second key picture on once more. */
const spliced: Arrangement = (samples) => [...samples.slice(0, 22), ...later(samples.slice(keysOf(samples)[1]), 40)];

/** HEVC's unit by which a sequence ends. */
const endOfSequence = Buffer.from([0, 0, 0, 2, 36 << 1, 1]);
const withEnd = (sample: Sample): Sample => ({ ...sample, bytes: Buffer.concat([sample.bytes, endOfSequence]) });

/** Each group of pictures ends its sequence: what leads the next one's first picture is no longer there to refer to. */
const ended: Arrangement = (samples) => {
  const keys = keysOf(samples);
  return samples.map((sample, at) => (keys.includes(at + 1) ? withEnd(sample) : sample));
};

const withoutSecondKey: Arrangement = (samples) => samples.filter((_, at) => at !== keysOf(samples)[1]);

/** From packet 24 on, in the middle of a group, the clock is set back. */
const setBack: Arrangement = (samples) => [...samples.slice(0, 24), ...later(samples.slice(24), -15)];

/** All of it, once more from packet 19 on, which is no key packet, and all of it again. */
const thrice: Arrangement = (samples) => [...samples, ...samples.slice(19), ...samples];

interface Kind {
  readonly name: string;
  readonly because: string;
  readonly codec: NalCodec;
  readonly arrange: Arrangement;
  /** Instead of open groups. */
  readonly from?: () => string;
  /** Those whose index is made of the media itself. */
  readonly read: readonly string[];
}

const kinds: readonly Kind[] = [
  {
    ...{ name: "spliced-h264", codec: "h264", arrange: spliced, read: ["mkv", "ts"] },
    because: "H.264 cut and joined by packets: pictures before and behind the seam have the same numbers",
  },
  {
    ...{ name: "spliced-hevc", codec: "hevc", arrange: spliced, read: ["mkv", "ts"] },
    because: "HEVC cut and joined by packets",
  },
  {
    ...{ name: "ended-hevc", codec: "hevc", arrange: ended, read: ["mkv", "ts"] },
    because: "HEVC whose sequences end: pictures that wait, and those that lead the next one, do not come out",
  },
  {
    ...{ name: "thrice-hevc", codec: "hevc", arrange: thrice, read: ["mkv"] },
    because: "HEVC joined with a part of itself: pictures that lead a key picture come out behind it",
  },
  {
    ...{ name: "spliced-refresh", codec: "h264", arrange: spliced, from: refreshing, read: [] },
    because: "H.264 without I pictures cut and joined by packets",
  },
  {
    ...{ name: "keyless-h264", codec: "h264", arrange: withoutSecondKey, read: ["mkv"] },
    because: "H.264 whose second key picture is lost",
  },
  {
    ...{ name: "set-back-h264", codec: "h264", arrange: setBack, read: ["mkv"] },
    because: "H.264 whose clock is set back in the middle of a group of pictures",
  },
  {
    ...{ name: "set-back-hevc", codec: "hevc", arrange: setBack, read: ["mkv"] },
    because: "the same with HEVC",
  },
];

const clipsOf = (containers: (kind: Kind) => readonly string[]): HardClip[] =>
  kinds.flatMap((kind) =>
    containers(kind).map((container) => {
      const name = `${kind.name}.${container}`;
      return make(name, kind.because, codecs[kind.codec].encoder, () =>
        rearranged(name, kind.codec, kind.arrange, kind.from?.() ?? open(kind.codec)),
      );
    }),
  );

/** What they are made of. */
export const sources = [
  ...(["h264", "hevc"] as const).map((codec) =>
    make(`open-${codec}.mp4`, "groups of pictures that are open", codecs[codec].encoder, () => open(codec)),
  ),
  make("refreshing.mp4", "pictures that are patched together", "libx264", refreshing),
];

/** Every frame is one of FFmpeg's, in its order. */
export const rearrangedClips = clipsOf(({ read }) => read);

/** The same in MP4: its index is made of its tables, so that frames are listed that FFmpeg's decoder does not show. */
export const rearrangedTables = clipsOf(({ name }) => (name.startsWith("set-back") ? [] : ["mp4"]));
