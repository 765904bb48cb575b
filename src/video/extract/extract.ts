import type { ExtractSettings } from "../../options.js";
import type { ExtractResult, Requests } from "./extract-request.js";
import { Extraction } from "./extraction.js";
import type { PoolHost } from "../host.js";

/** See DecoderPool.extract. */
export async function* extractAll<K>(
  pool: PoolHost,
  requests: Requests<K>,
  settings: ExtractSettings,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExtractResult<K>, void, undefined> {
  const host = await pool.startExtraction(settings.decoder, signal);
  const extraction = new Extraction(host, requests, settings, signal);
  try {
    for (let result = await extraction.next(); result !== undefined; result = await extraction.next()) yield result;
  } finally {
    host.end();
    await extraction.stop();
  }
}
