import { createRequire } from "node:module";
import type * as piscina from "piscina";
import type { Job, Reply } from "../src/protocol/job.js";

// Not imported: a worker that only decodes needs none of it, and would start later.
const require = createRequire(import.meta.url);
let loaded: typeof piscina | undefined;

/**
 * The reply with its pictures moved to the main thread, where a copy would cost that more than all else that it does for a picture.
 * Their memory is gone from here once the reply is on its way.
 */
export function movingImages(reply: Reply<Job["kind"]>): Reply<Job["kind"]> {
  const images = imagesIn(reply);
  if (images.length === 0) return reply;
  loaded ??= require("piscina") as typeof piscina;
  return loaded.move({ [loaded.transferableSymbol]: images, [loaded.valueSymbol]: reply }) as unknown as typeof reply;
}

function imagesIn(reply: Reply<Job["kind"]>): ArrayBuffer[] {
  if (!reply.ok || reply.value === undefined || !("images" in reply.value)) return [];
  return reply.value.images.flatMap((image) => (image === undefined ? [] : [image.buffer]));
}
