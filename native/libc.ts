import { closeSync, openSync, readSync } from "node:fs";

/** Which C library this process runs on; undefined where there is no choice. */
export type Libc = "glibc" | "musl" | undefined;

const headerBytes = 4096;

/** By the loader that this program's file names, which lies in its first bytes; what names none asks Node's own report. */
export function libcOf(program: string): Libc {
  const loader = /\/ld-(musl|linux)[\w.-]*\.so/.exec(head(program))?.[1];
  if (loader !== undefined) return loader === "musl" ? "musl" : "glibc";
  return reportedGlibc() === undefined ? "musl" : "glibc";
}

export const libc: Libc = process.platform === "linux" ? libcOf(process.execPath) : undefined;

/** As "2.36". */
export function reportedGlibc(): string | undefined {
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  const { excludeNetwork = false } = report;
  // Without it the report looks up the names of all hosts that this process is connected to.
  report.excludeNetwork = true;
  const { header } = report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  // It is the program's own, which may write reports too.
  report.excludeNetwork = excludeNetwork;
  return header?.glibcVersionRuntime;
}

function head(path: string): string {
  const bytes = Buffer.alloc(headerBytes);
  try {
    const file = openSync(path, "r");
    try {
      return bytes.toString("latin1", 0, readSync(file, bytes, 0, headerBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
