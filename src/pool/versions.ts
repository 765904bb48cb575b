import { createRequire } from "node:module";
import type { WorkerVersions } from "../protocol/versions.js";
import { defaultResources } from "./resources.js";

/** What decodes here, in plain data. */
export interface Versions extends WorkerVersions {
  /** Of this package. */
  readonly framepool: string;
  /** "Node 24.21.0", or another runtime: "Bun 1.4.5". */
  readonly runtime: string;
}

/**
 * The versions of framepool, of its FFmpeg and of what they run on, and which native addon was loaded. A worker of the shared
 * pool tells: this thread never loads FFmpeg. Rejects with E_ADDON, which says what to do.
 */
export async function versions(): Promise<Versions> {
  const { result } = defaultResources().workers.run({ kind: "versions" }, { label: "framepool" });
  return { framepool: ownVersion(), runtime: runtimeName(), ...(await result) };
}

function ownVersion(): string {
  // Also from where the command's files are, which are as deep.
  const { version } = createRequire(import.meta.url)("../../../package.json") as { readonly version: string };
  return version;
}

function runtimeName(): string {
  const { bun, deno, electron, node } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  if (deno !== undefined) return `Deno ${deno}`;
  return electron === undefined ? `Node ${node}` : `Electron ${electron} (Node ${node})`;
}
