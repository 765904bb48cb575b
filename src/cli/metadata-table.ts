import type { AudioStreamMetadata, Media, StreamDescription, VideoStreamMetadata } from "../index.js";
import { clock } from "./clock.js";

/** What else was looked at in a file. */
interface RestOfFile extends Pick<Media, "chapters" | "streams"> {
  readonly audio: AudioStreamMetadata | null;
}

/** What a person wants to know of a video, one line each; of the rest of the file too where that was looked at. */
export function metadataTable(metadata: VideoStreamMetadata, file?: RestOfFile): string {
  const rows = Object.entries({
    codec: join(metadata.codec, metadata.pixelFormat),
    size: sizeLine(metadata),
    frames: String(metadata.numFrames),
    rate: metadata.averageFps === null ? "unknown" : `${round(metadata.averageFps, 3)} frames/s on average`,
    time: timeLine(metadata),
    colour: join(
      metadata.colorSpace,
      metadata.colorPrimaries,
      metadata.colorTransferCharacteristic,
      metadata.colorRange,
    ),
    "bit rate": metadata.bitRate === null ? "unknown" : `${round(metadata.bitRate / 1000, 0)} kbit/s`,
    ...(file === undefined ? {} : { sound: file.audio === null ? "none" : soundLine(file.audio) }),
    container: join(metadata.container),
    stream: String(metadata.streamIndex),
    ...(file === undefined ? {} : { streams: file.streams.map(streamWord).join(", ") }),
    ...(file === undefined || file.chapters.length === 0 ? {} : { chapters: String(file.chapters.length) }),
  });
  return rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`).join("\n");
}

/** One line, for a caption. */
export function metadataLine(metadata: VideoStreamMetadata): string {
  const { width, height, averageFps, durationSeconds, codec } = metadata;
  const rate = averageFps === null ? [] : [`${round(averageFps, 2)} fps`];
  const time = durationSeconds === null ? [] : [clock(durationSeconds)];
  return [`${width}x${height}`, ...rate, ...time, codec].join(", ");
}

function sizeLine({ width, height, codedWidth, codedHeight, rotation, pixelAspectRatio }: VideoStreamMetadata): string {
  const notes = [
    ...(codedWidth !== width || codedHeight !== height ? [`coded ${codedWidth}x${codedHeight}`] : []),
    ...(rotation !== null && rotation !== 0 ? [`rotated by ${rotation} degrees`] : []),
    ...(isSquare(pixelAspectRatio) ? [] : [`pixel aspect ratio ${pixelAspectRatio?.num}:${pixelAspectRatio?.den}`]),
  ];
  return `${width}x${height}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function soundLine({ codec, sampleRate, numChannels, channelLayout, streamIndex }: AudioStreamMetadata): string {
  const channels = numChannels === 1 ? "1 channel" : `${numChannels} channels`;
  return join(codec, `${sampleRate} Hz`, channelLayout ?? channels, `stream ${streamIndex}`);
}

/** "0 video h264", "1 audio aac (eng)", "2 cover mjpeg". */
function streamWord(stream: StreamDescription): string {
  const { index, codec, language } = stream;
  const kind = stream.kind === "video" && stream.isCover ? "cover" : stream.kind;
  return `${index} ${kind}${codec === null ? "" : ` ${codec}`}${language === null ? "" : ` (${language})`}`;
}

function isSquare(ratio: VideoStreamMetadata["pixelAspectRatio"]): boolean {
  return ratio === null || ratio.num === ratio.den;
}

function timeLine({ durationSeconds, beginStreamSeconds, endStreamSeconds }: VideoStreamMetadata): string {
  if (durationSeconds === null) return "unknown";
  if (endStreamSeconds === null) return clock(durationSeconds);
  return `${clock(durationSeconds)} (from ${clock(beginStreamSeconds)} to ${clock(endStreamSeconds)})`;
}

function join(...parts: readonly (string | null)[]): string {
  return [...new Set(parts.filter((part) => part !== null))].join(", ") || "unknown";
}

function round(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
