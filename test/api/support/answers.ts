import type { Frame, FrameBatch, FramepoolError, VideoDecoder } from "../../../src/index.js";
import { digest, digests, streamDigests } from "./pixels.js";

/** The answer of every getter, pixels by their digests: equal for equal videos, and plain data. */
export async function everyAnswer(video: VideoDecoder): Promise<unknown> {
  return {
    metadata: video.metadata,
    length: video.length,
    getFrameAt: frameFields(await video.getFrameAt(-3)),
    getFramesAt: batchFields(await video.getFramesAt([30, 2, 2, -1])),
    getFramesInRange: batchFields(await video.getFramesInRange(3, 40, { step: 9 })),
    getFramePlayedAt: frameFields(await video.getFramePlayedAt(1.01)),
    getFramesPlayedAt: batchFields(await video.getFramesPlayedAt([1.5, 0])),
    getFramesPlayedInRange: batchFields(await video.getFramesPlayedInRange(0.5, 1)),
    resampled: batchFields(await video.getFramesPlayedInRange(0, 2, { fps: 7 })),
    getAllFrames: batchFields(await video.getAllFrames()),
    frames: await streamDigests(video.frames({ start: 5, step: 2 })),
    "for await": await streamDigests(video),
    keyFrameIndices: await video.keyFrameIndices(),
  };
}

function frameFields(frame: Frame): unknown {
  const { index, ptsSeconds, durationSeconds, shape, dtype, width, height, pixelFormat, planes, status } = frame;
  const fields = { index, ptsSeconds, durationSeconds, shape, dtype, width, height, pixelFormat, planes, status };
  return { ...fields, digest: digest(frame) };
}

export function batchFields(batch: FrameBatch): unknown {
  const { length, shape, dtype, indices, ptsSeconds, durationSeconds, targetSeconds, status } = batch;
  const fields = { length, shape, dtype, indices, ptsSeconds, durationSeconds, targetSeconds, status };
  return { ...fields, digests: digests(batch) };
}

/** Everything that an error says. How much FFmpeg logged before depends on what it had done before. */
export function errorFields(error: FramepoolError): unknown {
  const { name, code, message, reason, source, frame, log, cause } = error;
  const why = cause instanceof Error ? [cause.message, Object.entries(cause)] : cause;
  const logged = log.at(-1)?.replace(/ @ \w+/, "");
  return { name, code, message, reason, source, frame, logged, why };
}
