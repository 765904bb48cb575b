import { type DecoderPoolOptions, poolSettings } from "./pool/options.js";
import { closeDefaultResources, configureDefaultResources } from "./pool/resources.js";

/**
 * How the default pool is made, which `VideoDecoder.open`, `AudioDecoder.open`, `open`, `versions` and loaders without a pool share. To
 * be called before the first of them; what was said last counts. Throws E_POOL_IN_USE afterwards, and FramepoolTypeError.
 */
export function configureDefaultPool(options: DecoderPoolOptions): void {
  configureDefaultResources(poolSettings(options));
}

/** Closes the default pool: ends its threads, and what is under way with E_CLOSED. The next use makes another one, configured alike. */
export async function closeDefaultPool(): Promise<void> {
  await closeDefaultResources();
}
