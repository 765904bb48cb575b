import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "./files.js";

const recordName = ".framepool.json";
const recordVersion = 1;

export interface ImageRecord {
  readonly index: number;
  readonly ptsSeconds: number;
  readonly durationSeconds: number;
  readonly status: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** What was made of a source, and from what. */
export interface Made {
  readonly identity: string;
  readonly options: string;
  readonly images: readonly ImageRecord[];
  /** Frames that could not be decoded. */
  readonly undecodable: readonly number[];
}

/** Kept in a source's folder: whose it is, and, once everything is there, what was made. */
export interface SourceRecord {
  readonly source: string;
  readonly made?: Made;
}

/** undefined where the folder is not one of ours. */
export async function readRecord(folder: string): Promise<SourceRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(join(folder, recordName), "utf8")) as SourceRecord & { version: number };
    if (typeof record.source !== "string") return undefined;
    // Another version's record still says whose the folder is.
    const isReadable = record.version === recordVersion && Array.isArray(record.made?.images);
    return isReadable ? record : { source: record.source };
  } catch {
    return undefined;
  }
}

export async function writeRecord(folder: string, record: SourceRecord): Promise<void> {
  await writeWhole(join(folder, recordName), `${JSON.stringify({ version: recordVersion, ...record })}\n`);
}

export const recordFile = recordName;
