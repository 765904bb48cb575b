import { decodeRange } from "./audio/decode-range.js";
import type { AudioHost } from "./audio/host.js";
import type { OpenAudio } from "./audio/open-audio.js";
import { samplesAhead } from "./audio/samples-ahead.js";
import { decoderClosed } from "./errors.js";
import { decodeFrames } from "./video/batch-decoder.js";
import { saveIndex } from "./video/given-index.js";
import { framesAhead } from "./video/frames-ahead.js";
import { packetsAhead } from "./video/packets-ahead.js";
import { imagesAhead } from "./video/images/images-ahead.js";
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
    frames: (wanted, size, signal) => framesAhead(video, wanted, size, signal),
    images: (wanted, encoding, signal) => imagesAhead(video, wanted, encoding, signal),
    packets: (wanted, signal) => packetsAhead(video, wanted, signal),
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
    samples: (length, signal) => samplesAhead(audio, length, signal),
    close: () => close(audio),
  };
}

async function close({ closing, label, release }: OpenVideo | OpenAudio): Promise<void> {
  closing.abort(decoderClosed(label));
  await release();
}
