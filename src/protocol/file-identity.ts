/** What `fs.stat` says of a file with `bigint: true`, and the native layer of the one that it has open. */
export interface FileNumbers {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

const isWindows = process.platform === "win32";
/** Deno's fs.stat knows whole milliseconds only, and says so in nanoseconds. */
const isCoarse = "Deno" in globalThis;

/**
 * device:inode:size:mtime, which tells one version of a file from another: equal for a file whoever was asked. Runtimes
 * print large inodes with a sign or without; some Nodes on Windows give the volume's number in 32 bits here and 64 there.
 */
export function fileIdentity({ dev, ino, size, mtimeNs }: FileNumbers): string {
  const device = BigInt.asUintN(isWindows ? 32 : 64, dev);
  const modified = isCoarse ? mtimeNs / 1_000_000n : mtimeNs;
  return [device, BigInt.asUintN(64, ino), size, modified].join(":");
}
