import type { MediaSource } from "../sources/media-source.js";
import { checkSource, resolveSource } from "../sources/media-source.js";
import type { AudioInfo, AudioJobBase } from "../protocol/audio.js";
import type { PoolResources } from "../video/resources.js";
import { type AudioDecoderOptions, audioSettings } from "./options.js";

/** A sound stream that was opened on a pool: everything its decoder needs to ask for samples. */
export interface OpenAudio {
  readonly resources: PoolResources;
  readonly base: AudioJobBase & { readonly readerKey: string };
  readonly label: string;
  readonly info: AudioInfo;
  /** Aborted with E_CLOSED when the decoder is closed. */
  readonly closing: AbortController;
}

/** Opens a sound stream in a worker, which decodes its first frame. */
export async function openAudio(
  resources: PoolResources,
  source: MediaSource,
  options: AudioDecoderOptions,
): Promise<OpenAudio> {
  checkSource(source);
  const open = audioSettings(options, resources.settings.limits);
  options.signal?.throwIfAborted();
  const { ref, key, label } = await resolveSource(source, true);
  const readerKey = `${key}\0audio${JSON.stringify(open)}`;
  const base = { readerKey, source: ref, open };
  resources.retain(readerKey);
  try {
    const { result } = resources.workers.run({ kind: "openAudio", ...base }, { label, signal: options.signal });
    return { resources, base, label, info: await result, closing: new AbortController() };
  } catch (error) {
    void resources.release(readerKey);
    throw error;
  }
}
