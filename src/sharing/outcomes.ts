// What a command gives its client, and what becomes of it when that is done with it.
import { transfer } from "comlink";
import type { DecodedSamples } from "../audio/host.js";
import type { ClipsWork } from "../pool/clip-host.js";
import type { Lease } from "../pool/output-memory.js";
import { countSharedMemory } from "../protocol/counted-memory.js";
import { type MaybeImage, memoryOfImages } from "../protocol/image-jobs.js";
import type { Underway } from "../threads/task.js";
import type { Decoded } from "../video/frame-request.js";
import type { End, Outcome } from "./commands.js";
import type { WireFrames, WireSamples } from "./service.js";

export function framesOutcome({ lease, spec, rows }: Decoded): Outcome<WireFrames> {
  return { value: { memory: lease.buffer, spec, rows }, end: giveBack(lease) };
}

/** An answer whose pictures' memory, or packets', is moved. */
export function moved<T>(answer: T, files: readonly MaybeImage[]): T {
  return transfer(answer, memoryOfImages(files));
}

export function samplesOutcome({ lease, count, begin, skipped }: DecodedSamples): Outcome<WireSamples> {
  return { value: { memory: lease.buffer, count, begin, skipped }, end: giveBack(lease) };
}

/** Once the work is over, also when it was dropped: the client uses its memory again then. */
export async function clipsOutcome<T extends { readonly output: SharedArrayBuffer | undefined }>(
  { pieces }: ClipsWork,
  { result, settled }: Underway<T>,
): Promise<Outcome<T>> {
  for (const { output } of pieces ?? []) countSharedMemory(output);
  await Promise.allSettled([result, settled]);
  const value = await result;
  if (value.output !== undefined) countSharedMemory(value.output);
  return { value, end: undefined };
}

function giveBack(lease: Lease): End {
  return (abandoned) => {
    if (abandoned) lease.abandon();
    else lease.release();
  };
}
