import type { OpenSource } from "../../feed/open-source.js";
import type { DecoderSettings } from "../options.js";
import type { PoolResources } from "../../pool/resources.js";
import { type Encoding, expectedImageBytes, imageSpec } from "../../protocol/image.js";
import type { MaybeImage } from "../../protocol/image-jobs.js";
import type { NeedsRoom } from "../../protocol/video.js";
import { decodingBytes } from "../../protocol/output.js";
import { checkBytes } from "../frame-request.js";
import type { ExtractedImages, FileRequest } from "../host.js";
import { imagesAhead } from "../images/images-ahead.js";
import { videoMetadata } from "../metadata.js";
import { openVideoStream } from "../open-video.js";
import { Timeline, namedFor } from "../timeline.js";
import { wholeJob, withFile } from "./extract-file.js";

/** Images of a file that is not kept open. */
export async function extractFileImages(
  resources: PoolResources,
  request: FileRequest,
  settings: DecoderSettings,
  encoding: Encoding,
  signal: AbortSignal,
): Promise<ExtractedImages | NeedsRoom> {
  return await withFile(resources, request, settings, signal, {
    asDecoder: (opened, linked) => asDecoder(resources, opened, request, settings, encoding, linked),
    atOnce: (opened, linked) => atOnce(resources, opened, request, settings, encoding, linked),
  });
}

async function asDecoder(
  resources: PoolResources,
  opened: OpenSource,
  { selection, position, room }: FileRequest,
  settings: DecoderSettings,
  encoding: Encoding,
  signal: AbortSignal,
): Promise<ExtractedImages | NeedsRoom> {
  const video = await openVideoStream(resources, opened, settings, position, signal);
  try {
    const { metadata, index, label, info, request } = video;
    const { indices: wanted, targetSeconds } = new Timeline(metadata, index, label).select(selection);
    const spec = namedFor(label, () => imageSpec(info, request, resources.settings.limits.maxPixels, encoding));
    checkBytes(video, wanted.length, spec);
    const needed = expectedImageBytes(wanted.length, spec, encoding) + decodingBytes(info.codedWidth, info.codedHeight);
    if (needed > room) return { needs: needed };
    const images: MaybeImage[] = [];
    const rows = {
      indices: new Int32Array(wanted.length),
      ptsSeconds: new Float64Array(wanted.length),
      durationSeconds: new Float64Array(wanted.length),
      status: new Uint8Array(wanted.length),
      targetSeconds,
    };
    for await (const piece of imagesAhead(video, wanted, encoding, signal)) {
      const first = images.length;
      rows.indices.set(piece.rows.indices, first);
      rows.ptsSeconds.set(piece.rows.ptsSeconds, first);
      rows.durationSeconds.set(piece.rows.durationSeconds, first);
      rows.status.set(piece.rows.status, first);
      images.push(...piece.images);
    }
    return { metadata, encoded: { images, rows, width: spec.width, height: spec.height }, needed };
  } finally {
    // Not awaited: a worker that holds it may be busy with another file.
    video.release().catch(() => undefined);
  }
}

async function atOnce(
  resources: PoolResources,
  opened: OpenSource,
  request: FileRequest,
  settings: DecoderSettings,
  encoding: Encoding,
  signal: AbortSignal,
): Promise<ExtractedImages | NeedsRoom> {
  const { label, link } = opened;
  const { job, keep } = await wholeJob(resources, opened, request, settings, signal);
  const done = await resources.workers.run(
    { kind: "extractImages", ...job, encoding },
    { label, signal, channel: link?.channel },
  ).result;
  await keep(done);
  if ("needs" in done) return { needs: done.needs };
  const { indices, ptsSeconds, durationSeconds, status, targetSeconds, images, spec } = done;
  return {
    metadata: videoMetadata(done.info, done.content, label),
    encoded: {
      images,
      rows: { indices, ptsSeconds, durationSeconds, status, targetSeconds },
      width: spec.width,
      height: spec.height,
    },
    needed: done.needed,
  };
}
