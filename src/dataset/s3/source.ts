import { FramepoolError, propertyOf } from "../../errors.js";
import type { RangeSource } from "../../index.js";
import { s3Address } from "./address.js";
import type { S3 } from "./client.js";

/** Of the first request, which also says how large the object is: as many as a decoder asks for at a time. */
const headBytes = 2 ** 19;

const nothing = new Uint8Array();

interface Answer {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  readonly range: string | undefined;
}

/** An object as a video's source: only what decoding needs is fetched, all of it of one version. */
export class S3Source implements RangeSource {
  readonly #s3: S3;
  readonly #name: string;
  #head: Answer | undefined;

  constructor(s3: S3, name: string) {
    this.#s3 = s3;
    this.#name = name;
  }

  async getSize(): Promise<number> {
    this.#head = await this.#get(0, headBytes);
    const [, all] = /\/(\d+)$/.exec(this.#head.range ?? "") ?? [];
    if (all !== undefined) return Number(all);
    throw new FramepoolError("E_HTTP", "the storage does not answer with ranges", { source: this.#name });
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const head = this.#head;
    if (head !== undefined && start < head.bytes.length) return head.bytes.subarray(start, end);
    return (await this.#get(start, end, head?.etag)).bytes;
  }

  async #get(start: number, end: number, etag?: string): Promise<Answer> {
    const { bucket, key } = s3Address(this.#name);
    return await this.#s3.ask(this.#name, async ({ sdk, client }) => {
      try {
        const { Body, ETag, ContentRange } = await client.send(
          new sdk.GetObjectCommand({
            Bucket: bucket,
            Key: key,
            Range: `bytes=${String(start)}-${String(end - 1)}`,
            ...(etag === undefined ? {} : { IfMatch: etag }),
          }),
        );
        return { bytes: (await Body?.transformToByteArray()) ?? nothing, etag: ETag, range: ContentRange };
      } catch (error) {
        // An empty object has no first byte.
        const status = propertyOf(propertyOf(error, "$metadata"), "httpStatusCode");
        if (start === 0 && status === 416) return { bytes: nothing, etag: undefined, range: "bytes */0" };
        throw error;
      }
    });
  }
}
