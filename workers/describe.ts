import { type NativeFile, type NativeTags, binding } from "../native/addon.js";
import type { Envelope } from "../src/protocol/job.js";
import type { DescribeJob, MediaInfo, Tags } from "../src/protocol/media.js";
import { expectIdentity, nativeOptions, nativeSource } from "./reader-source.js";
import { beginning } from "./setup.js";

/** What is in a file; its streams are opened by other jobs. */
export function describe(job: DescribeJob, envelope: Envelope, useReader: (reader: NativeFile) => void): MediaInfo {
  const { ContainerReader } = binding();
  const reader = new ContainerReader(nativeSource(job, envelope), nativeOptions(job.open), ...beginning(envelope));
  expectIdentity(reader, job);
  useReader(reader);
  try {
    const { tags, chapters, streams, ...info } = reader.info();
    return {
      ...info,
      tags: tagsOf(tags),
      chapters: chapters.map((chapter) => ({ ...chapter, tags: tagsOf(chapter.tags) })),
      streams: streams.map((stream) => ({ ...stream, tags: tagsOf(stream.tags) })),
    };
  } finally {
    reader.close();
  }
}

/** Own properties whatever their names: a file may well have a tag `__proto__`. */
function tagsOf(flat: NativeTags): Tags {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? "", flat[i + 1] ?? ""]);
  return Object.fromEntries(pairs);
}
