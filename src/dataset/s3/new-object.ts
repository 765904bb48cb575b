import { createHash } from "node:crypto";
import { FramepoolError, propertyOf } from "../../errors.js";
import type { NewFile, Sealed } from "../store.js";
import type { S3 } from "./client.js";

/** Of each piece but the last, as some storages want it. */
const pieceBytes = 8 * 2 ** 20;
/** More pieces S3 does not take. */
export const mostObjectBytes = 10_000 * pieceBytes;
/** Pieces under way: what a large object takes in memory is bounded. */
const together = 3;

interface Target {
  readonly Bucket: string;
  readonly Key: string;
}

interface Piece {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** An object in the making: nobody sees any of it before it appears. A large one goes up in pieces while it is made. */
export class NewObject implements NewFile {
  readonly #s3: S3;
  readonly #name: string;
  readonly #target: Target;
  readonly #digest = createHash("sha256");
  readonly #pieces: Promise<Piece>[] = [];
  #rest: Uint8Array[] = [];
  #restBytes = 0;
  #bytes = 0;
  #upload: string | undefined;

  constructor(s3: S3, name: string, bucket: string, key: string) {
    this.#s3 = s3;
    this.#name = name;
    this.#target = { Bucket: bucket, Key: key };
  }

  async write(data: Uint8Array): Promise<void> {
    this.#digest.update(data);
    this.#bytes += data.length;
    this.#rest.push(data);
    this.#restBytes += data.length;
    if (this.#restBytes < pieceBytes) return;
    const whole = Buffer.concat(this.#rest);
    let sent = 0;
    for (; whole.length - sent >= pieceBytes; sent += pieceBytes) {
      await this.#send(whole.subarray(sent, sent + pieceBytes));
    }
    this.#rest = [whole.subarray(sent)];
    this.#restBytes = whole.length - sent;
  }

  async seal(): Promise<Sealed> {
    if (this.#upload !== undefined && this.#restBytes > 0) await this.#send(Buffer.concat(this.#rest));
    await Promise.all(this.#pieces);
    return { bytes: this.#bytes, sha256: this.#digest.digest("hex") };
  }

  async appear(): Promise<void> {
    const target = this.#target;
    const UploadId = this.#upload;
    if (UploadId === undefined) {
      const Body = Buffer.concat(this.#rest);
      await this.#s3.ask(this.#name, ({ sdk, client }) => client.send(new sdk.PutObjectCommand({ ...target, Body })));
      return;
    }
    const Parts = await Promise.all(this.#pieces);
    await this.#s3.ask(this.#name, async ({ sdk, client }) => {
      try {
        const whole = { ...target, UploadId, MultipartUpload: { Parts } };
        await client.send(new sdk.CompleteMultipartUploadCommand(whole));
      } catch (error) {
        // It was completed, and the answer was lost; or another machine made the same, and cleared this one away.
        if (propertyOf(error, "name") !== "NoSuchUpload") throw error;
        const { ContentLength } = await client.send(new sdk.HeadObjectCommand(target));
        if (ContentLength !== this.#bytes) throw error;
      }
    });
  }

  async abandon(): Promise<void> {
    this.#rest = [];
    await Promise.allSettled(this.#pieces);
    const UploadId = this.#upload;
    if (UploadId === undefined) return;
    await this.#s3
      .ask(this.#name, ({ sdk, client }) =>
        client.send(new sdk.AbortMultipartUploadCommand({ ...this.#target, UploadId })),
      )
      .catch(() => undefined);
  }

  async #send(Body: Buffer): Promise<void> {
    const { Bucket, Key } = this.#target;
    const UploadId = (this.#upload ??= await this.#begin());
    await this.#pieces.at(-together);
    const PartNumber = this.#pieces.length + 1;
    const sent = this.#s3.ask(this.#name, async ({ sdk, client }) => {
      const piece = { Bucket, Key, UploadId, PartNumber, Body };
      return { PartNumber, ETag: (await client.send(new sdk.UploadPartCommand(piece))).ETag };
    });
    // Whoever seals is told.
    sent.catch(() => undefined);
    this.#pieces.push(sent);
  }

  async #begin(): Promise<string> {
    const { UploadId } = await this.#s3.ask(this.#name, ({ sdk, client }) =>
      client.send(new sdk.CreateMultipartUploadCommand(this.#target)),
    );
    if (UploadId !== undefined) return UploadId;
    throw new FramepoolError("E_IO", "the storage began no upload", { source: this.#name });
  }
}
