import { videoMetadata } from "./metadata.js";
import { type DecoderSettings, openSpec, requestOf } from "./options.js";
import { FrameIndex } from "../protocol/frame-index.js";
import { outputSpec } from "../protocol/output.js";
import { FrameRequests } from "./frame-requests.js";
import type { OpenSource } from "../feed/open-source.js";
import { holdReader, type PoolResources } from "../pool/resources.js";
import { factsOf } from "../pool/saved-index.js";
import { readIndex } from "./given-index.js";
import type { OpenVideo } from "./opened-video.js";
import { decodeTogether } from "./shared-pass.js";
import { namedFor } from "./timeline.js";

/**
 * Opens a video in a worker, of a source that is open. The frame index is made once per file and shared with whoever opens it again.
 * `position`: what random transforms are drawn by, beside their seed.
 */
export async function openVideo(
  resources: PoolResources,
  source: OpenSource,
  settings: DecoderSettings,
  position: number,
  signal: AbortSignal,
): Promise<OpenVideo> {
  const { ref, key, label, link, lasting } = source;
  const open = openSpec(settings, resources.settings.limits);
  const facts = factsOf(source);
  const given = settings.index === undefined ? undefined : readIndex(settings.index, facts, label);
  const readerKey = [key, JSON.stringify(open), ...(given === undefined ? [] : [given.name])].join("\0");
  const base = { readerKey, source: ref, open };
  const exact = settings.seekMode === "exact";
  const remembered = resources.known.get(readerKey);
  // What approximate mode answers is the file's to decide, not who opened it before.
  const known = remembered !== undefined && (exact || remembered.info.indexIsCheap) ? remembered : undefined;
  const kept = exact && known === undefined && given === undefined ? resources.keptIndex(source, open) : undefined;
  return await holdReader(resources, source, readerKey, async (release) => {
    const saved = given?.saved ?? (await kept?.get());
    const fetched = (await link?.fetchOpening?.(signal, saved === undefined ? "picture" : "container")) ?? [];
    const { result } = resources.workers.run(
      {
        kind: "open",
        ...base,
        fetched,
        index: known?.index.buffer,
        wantIndex: given?.times !== undefined ? "none" : exact ? "exact" : "cheap",
        saved: saved === undefined ? undefined : { bytes: saved, strict: given !== undefined },
        keep: kept !== undefined,
      },
      { label, signal, channel: link?.channel },
    );
    const { info, index: buffer, made } = await result;
    await kept?.put(made);
    const index = known?.index ?? (buffer === undefined ? undefined : FrameIndex.of(buffer));
    if (index !== undefined && known === undefined && lasting)
      resources.known.set(readerKey, { info, index }, { size: index.buffer.byteLength });
    const mappings = given?.times === undefined ? undefined : FrameIndex.ofFrames(given.times, info.timeBase);
    const request = requestOf(settings, position);
    const closing = new AbortController();
    const video: OpenVideo = {
      resources,
      settings,
      base,
      label,
      link,
      index,
      mappings,
      facts,
      metadata: videoMetadata(info, (index ?? mappings)?.summary(), label),
      info,
      request,
      spec: namedFor(label, () => outputSpec(info, request, open.maxPixels)),
      closing,
      cursor: { next: -1, slot: undefined, threads: 1 },
      requests: new FrameRequests(closing.signal, (requests) => decodeTogether(video, requests)),
      release,
    };
    return video;
  });
}
