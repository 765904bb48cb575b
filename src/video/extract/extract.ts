import type { Encoding } from "../../protocol/image.js";
import { bytesOfImages } from "../../protocol/image-jobs.js";
import { roomIn } from "../../protocol/output-buffer.js";
import type { DType } from "../../protocol/output.js";
import type { ExtractionHost } from "../host.js";
import { sortedOut } from "../images/encoded-image.js";
import type { ExtractSettings } from "../options.js";
import {
  type ExtractFilesResult,
  type ExtractImagesResult,
  type ExtractResult,
  type Look,
  ExtractedBatch,
} from "./extract-request.js";
import { type ResultKind, extractEach } from "./extraction.js";

/** See DecoderPool.extract. */
export function extractAll<K, D extends DType>(
  host: ExtractionHost,
  requests: AsyncGenerator<Look<K>, void, undefined>,
  settings: ExtractSettings<D>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExtractResult<K, D>, void, undefined> {
  const kind: ResultKind<K, ExtractResult<K, D>> = {
    async extract(request, key, stop) {
      const extracted = await host.extract(request, settings.decoder, stop);
      if ("needs" in extracted) return extracted;
      const { metadata, decoded, needed } = extracted;
      const spec = { ...decoded.spec, dtype: settings.decoder.dtype };
      const batch = new ExtractedBatch(metadata, decoded.lease, spec, decoded.rows);
      return { result: { key, batch }, bytes: roomIn(decoded.lease.buffer), needed };
    },
    failed: (key, error) => ({ key, error }),
    giveUp: ({ batch }) => batch?.release(),
  };
  return extractEach(host, kind, requests, settings, signal);
}

/** The same with `encode`. */
export function extractAllImages<K>(
  host: ExtractionHost,
  requests: AsyncGenerator<Look<K>, void, undefined>,
  settings: ExtractSettings,
  encode: Omit<Encoding, "folder">,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExtractImagesResult<K> | ExtractFilesResult<K>, void, undefined> {
  const kind: ResultKind<K, ExtractImagesResult<K> | ExtractFilesResult<K>> = {
    async extract(request, key, stop) {
      const { folder } = request;
      const encoding = { ...encode, folder };
      const extracted = await host.extractImages(request, settings.decoder, encoding, stop);
      if ("needs" in extracted) return extracted;
      const { metadata, encoded, needed } = extracted;
      const bytes = bytesOfImages(encoded.images);
      const { images, files, skipped } = sortedOut(encoded, encoding);
      const result =
        folder === undefined ? { key, metadata, images, skipped } : { key, metadata, images: files, skipped };
      return { result, bytes, needed };
    },
    failed: (key, error) => ({ key, error }),
    giveUp: () => undefined,
  };
  return extractEach(host, kind, requests, settings, signal);
}
