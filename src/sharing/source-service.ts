import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";
import type { Answer } from "./wire-failure.js";

/**
 * The commands of the thread that owns the pool to a client, whose sources stay with it: it reads them, keeps what it read,
 * and answers with shared memory. `number` is the command's, `source` the client's for what it offered.
 */
export interface SourceService {
  open(number: number, source: number): Promise<Answer<SourceFacts>>;
  read(number: number, source: number, position: number, length: number): Promise<Answer<Uint8Array>>;
  share(number: number, source: number, ranges: readonly ByteRange[]): Promise<Answer<readonly SharedPiece[]>>;
  /** Of what comes in pieces: undefined after the last piece. */
  next(number: number, source: number): Promise<Answer<Uint8Array | undefined>>;
  /** Nobody waits for the command's answer any more. */
  cancel(number: number): void;
  /** Nobody asks for the source any more. */
  close(source: number): void;
}
