import type * as sdk from "@aws-sdk/client-s3";
import { type ErrorCode, FramepoolError, isInstance, messageOf, propertyOf } from "../../errors.js";
import { loadInstalled } from "../packages.js";

interface Loaded {
  readonly sdk: typeof sdk;
  readonly client: sdk.S3Client;
}

const silent = (): void => undefined;

/**
 * A storage that speaks S3's protocol, by the AWS SDK: region and credentials are what that finds (variables, profiles, roles).
 * Nothing connects before something is asked for.
 */
export class S3 {
  readonly #endpoint: string | undefined;
  #loaded: Promise<Loaded> | undefined;

  /** `endpoint`: of another server than Amazon's. Default: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. */
  constructor(endpoint?: string) {
    this.#endpoint = endpoint ?? (process.env["AWS_ENDPOINT_URL_S3"] || process.env["AWS_ENDPOINT_URL"] || undefined);
  }

  /** Throws E_ADDON, E_NOT_FOUND, E_ACCESS, E_SOURCE_CHANGED, E_TIMEOUT, E_IO. `name`: of what is asked for, as users know it. */
  async ask<T>(name: string, request: (loaded: Loaded) => Promise<T>): Promise<T> {
    this.#loaded ??= this.#load();
    const loaded = await this.#loaded;
    try {
      return await request(loaded);
    } catch (error) {
      throw storageError(name, error);
    }
  }

  async close(): Promise<void> {
    const loaded = await this.#loaded?.catch(() => undefined);
    loaded?.client.destroy();
  }

  async #load(): Promise<Loaded> {
    const needed = "s3: addresses need the package @aws-sdk/client-s3";
    const loaded = await loadInstalled(needed, "@aws-sdk/client-s3", () => import("@aws-sdk/client-s3"));
    const own =
      this.#endpoint === undefined
        ? { followRegionRedirects: true }
        : {
            endpoint: this.#endpoint,
            region: process.env["AWS_REGION"] ?? "us-east-1",
            // Few have a name of its own for each bucket, and not all know the newest checksums.
            forcePathStyle: true,
            requestChecksumCalculation: "WHEN_REQUIRED" as const,
            responseChecksumValidation: "WHEN_REQUIRED" as const,
          };
    const client = new loaded.S3Client({
      ...own,
      maxAttempts: 4,
      requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
      // Requests hold signatures: nothing of them is written anywhere.
      logger: { trace: silent, debug: silent, info: silent, warn: silent, error: silent },
    });
    return { sdk: loaded, client };
  }
}

/** Without the SDK's error as its cause: that holds the request, and in part what it was signed with. */
export function storageError(name: string, error: unknown): FramepoolError {
  if (isInstance(error, FramepoolError)) return error;
  const kind = propertyOf(error, "name");
  const status = propertyOf(propertyOf(error, "$metadata"), "httpStatusCode");
  const text = typeof kind === "string" && kind !== "Error" ? `${kind}: ${messageOf(error)}` : messageOf(error);
  return new FramepoolError(codeOf(kind, status), `the storage failed: ${text}`, { source: name });
}

/** Of credentials that are wrong or have expired none is E_ACCESS: that would be said of each file, and stay said of it. */
function codeOf(kind: unknown, status: unknown): ErrorCode {
  if (status === 404) return "E_NOT_FOUND";
  if (kind === "AccessDenied") return "E_ACCESS";
  if (status === 412) return "E_SOURCE_CHANGED";
  return kind === "TimeoutError" ? "E_TIMEOUT" : "E_IO";
}
