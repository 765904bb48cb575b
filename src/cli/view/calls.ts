/** Which frame is looked at, and how it was asked for. */
export type Target =
  { readonly by: "index"; readonly index: number } | { readonly by: "time"; readonly seconds: number };

/** The library's call for what is shown. */
export function libraryCall(name: string, streamIndex: number | undefined, target: Target): string {
  const given = streamIndex === undefined ? "" : `, { streamIndex: ${String(streamIndex)} }`;
  const call =
    target.by === "index" ? `getFrameAt(${String(target.index)})` : `getFramePlayedAt(${String(target.seconds)})`;
  return `const video = await VideoDecoder.open(${JSON.stringify(name)}${given});\nconst frame = await video.${call};`;
}

/** The command's; undefined for a stream that it does not choose. */
export function commandCall(name: string, streamIndex: number | undefined, target: Target): string | undefined {
  if (streamIndex !== undefined) return undefined;
  const selection = target.by === "index" ? `--indices ${String(target.index)}` : `--times ${String(target.seconds)}`;
  return `framepool frames ${quoted(name)} ${selection} --out frames`;
}

/** For a POSIX shell, only where it takes it. */
function quoted(name: string): string {
  return /^[\w@%+=:,./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
