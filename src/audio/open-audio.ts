import type { AudioInfo, AudioJobBase } from "../protocol/audio.js";
import type { OpenSource } from "../feed/open-source.js";
import { holdReader, type PoolResources } from "../pool/resources.js";
import type { RemoteLink } from "../feed/source-link.js";
import { type AudioSettings, audioOpenSpec } from "./options.js";

/** A sound stream that was opened on a pool: everything its decoder needs to ask for samples. */
export interface OpenAudio {
  readonly resources: PoolResources;
  readonly base: AudioJobBase & { readonly readerKey: string };
  readonly label: string;
  readonly info: AudioInfo;
  /** Aborted with E_CLOSED when the decoder is closed. */
  readonly closing: AbortController;
  /** undefined: workers read the source by themselves. */
  readonly link: RemoteLink | undefined;
  /** Closes it in every worker, and lets go of the source. */
  readonly release: () => Promise<void>;
}

/** Opens a sound stream in a worker, which decodes its first frame, of a source that is open. */
export async function openAudio(
  resources: PoolResources,
  source: OpenSource,
  settings: AudioSettings,
  signal: AbortSignal,
): Promise<OpenAudio> {
  const open = audioOpenSpec(settings, resources.settings.limits);
  const { ref, key, label, link } = source;
  const readerKey = `${key}\0audio${JSON.stringify(open)}`;
  const base = { readerKey, source: ref, open };
  return await holdReader(resources, source, readerKey, async (release) => {
    const fetched = (await link?.fetchOpening?.(signal)) ?? [];
    const options = { label, signal, channel: link?.channel };
    const { result } = resources.workers.run({ kind: "openAudio", ...base, fetched }, options);
    return { resources, base, label, link, info: await result, closing: new AbortController(), release };
  });
}
