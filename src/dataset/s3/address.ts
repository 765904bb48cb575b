import { FramepoolError } from "../../errors.js";

/** An object, or what the names of several begin with. */
export interface S3Address {
  readonly bucket: string;
  /** As it is there: nothing of it is an escape. */
  readonly key: string;
}

export function isS3(address: string): boolean {
  return /^s3:\/\//i.test(address);
}

/** `s3://bucket/key`; undefined for what is none. */
export function parseS3(address: string): S3Address | undefined {
  const [, bucket, key = ""] = /^s3:\/\/([\w.-]{3,255})(?:\/(.*))?$/is.exec(address) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

/** Throws E_ARGUMENT: the address is one of many, of a job or a list, and its fault is no caller's. */
export function s3Address(address: string): S3Address {
  const parsed = parseS3(address);
  if (parsed !== undefined) return parsed;
  throw new FramepoolError("E_ARGUMENT", "is no address of S3: s3://bucket/key", { source: address });
}

/** Without slashes at its end: what the names of a data set's files follow, behind one. */
export function s3Folder(address: string): S3Address {
  const { bucket, key } = s3Address(address);
  return { bucket, key: key.replace(/\/+$/, "") };
}

/** Whether an address lies at or below another: by whole steps, so that `a/bc` is not below `a/b`. */
export function isBelow({ bucket, key }: S3Address, folder: S3Address): boolean {
  if (bucket !== folder.bucket) return false;
  // A server that tidies addresses would lead out of the folder.
  if (key.split("/").some((step) => step === ".." || step === ".")) return false;
  return folder.key === "" || key === folder.key || key.startsWith(`${folder.key}/`);
}
