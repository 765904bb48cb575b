import { decodeRange } from "./audio/decode-range.js";
import type { AudioHost } from "./audio/host.js";
import type { OpenAudio } from "./audio/open-audio.js";
import { streamSamples } from "./audio/sample-stream.js";
import { decoderClosed } from "./errors.js";
import { decodeFrames } from "./video/batch-decoder.js";
import { saveIndex } from "./video/given-index.js";
import { streamFrames } from "./video/frame-stream.js";
import { streamPackets } from "./video/packet-stream.js";
import { streamImages } from "./video/images/image-stream.js";
import type { VideoHost } from "./video/host.js";
import type { OpenVideo } from "./video/opened-video.js";

/** A video that is open on a pool of this thread's own. */
export function videoHost(video: OpenVideo): VideoHost {
  const { metadata, label, index, mappings } = video;
  return {
    metadata,
    label,
    index: index ?? mappings,
    decode: (wanted, signal) => decodeFrames(video, wanted, signal),
    stream: (wanted, size, signal) => streamFrames(video, wanted, size, signal),
    images: (wanted, encoding, signal) => streamImages(video, wanted, encoding, signal),
    packets: (wanted, signal) => streamPackets(video, wanted, signal),
    saveIndex: (signal) => saveIndex(video, signal),
    close: () => close(video),
  };
}

/** The same of a sound stream. */
export function audioHost(audio: OpenAudio): AudioHost {
  const { info, label } = audio;
  return {
    info,
    label,
    decode: (range, signal) => decodeRange(audio, range, signal),
    stream: (length, signal) => streamSamples(audio, length, signal),
    close: () => close(audio),
  };
}

async function close({ closing, label, release }: OpenVideo | OpenAudio): Promise<void> {
  closing.abort(decoderClosed(label));
  await release();
}
