import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./files.js";

export const recordFile = ".framepool.json";
const recordVersion = 2;

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

/** What some options made of a source, and of which version of it. */
export interface Made {
  /** null where that could not be known. */
  readonly identity: string | null;
  readonly options: string;
  readonly images: readonly ImageRecord[];
  /** Frames that could not be decoded. */
  readonly undecodable: readonly number[];
}

/** Kept in a source's folder: whose it is, and which of the files are ours. What is not named here is somebody else's. */
interface SourceRecord {
  readonly source: string;
  /** Each with options of its own. */
  readonly made: readonly Made[];
  /** Files that a run which did not come to its end may have put there or left there. */
  readonly unfinished: readonly string[];
}

/** undefined where the folder is not one of ours. */
export function readRecord(folder: string): SourceRecord | undefined {
  try {
    return toRecord(JSON.parse(readFileSync(join(folder, recordFile), "utf8")) as StoredRecord);
  } catch {
    return undefined;
  }
}

interface StoredRecord extends Partial<Omit<SourceRecord, "made">> {
  readonly version: number;
  readonly made?: unknown;
}

function toRecord({ version, source, made, unfinished }: StoredRecord): SourceRecord | undefined {
  if (typeof source !== "string") return undefined;
  // The first version knew what the last options had made, and no other.
  const all = version === 1 && made !== undefined ? [made] : version === recordVersion ? made : [];
  // Another version's record still says whose the folder is.
  return { source, made: Array.isArray(all) ? (all as readonly Made[]) : [], unfinished: unfinished ?? [] };
}

export function writeRecord(folder: string, record: SourceRecord): void {
  writeWhole(join(folder, recordFile), `${JSON.stringify({ version: recordVersion, ...record })}\n`);
}

/** Whether pictures of the same frame are the same with both, whatever else was selected. */
export function isSamePicture(options: string, others: string): boolean {
  return imagePart(options) === imagePart(others);
}

function imagePart(options: string): string {
  const [, image] = JSON.parse(options) as readonly unknown[];
  return JSON.stringify(image);
}
