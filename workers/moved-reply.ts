import { createRequire } from "node:module";
import type * as piscina from "piscina";
import { memoryOfImages } from "../src/protocol/image-jobs.js";
import type { Job, Reply } from "../src/protocol/job.js";

// Not imported: a worker that only decodes needs none of it, and would start later.
const require = createRequire(import.meta.url);
let loaded: typeof piscina | undefined;

/**
 * The reply with its pictures, or packets, moved to the main thread, where a copy would cost that more than all else that it does for a picture.
 * Their memory is gone from here once the reply is on its way.
 */
export function movingFiles(reply: Reply<Job["kind"]>): Reply<Job["kind"]> {
  const files = filesIn(reply);
  if (files.length === 0) return reply;
  loaded ??= require("piscina") as typeof piscina;
  return loaded.move({ [loaded.transferableSymbol]: files, [loaded.valueSymbol]: reply }) as unknown as typeof reply;
}

function filesIn(reply: Reply<Job["kind"]>): ArrayBuffer[] {
  if (!reply.ok || reply.value === undefined) return [];
  const { value } = reply;
  return memoryOfImages("images" in value ? value.images : "durations" in value ? value.data : []);
}
