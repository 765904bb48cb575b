import type { Frame, FrameBatch, FrameSelection, VideoDecoder } from "../index.js";

/** Pixels of one batch: one is used while the next are decoded. */
const batchBytes = 64 * 2 ** 20;

interface LentFrame {
  readonly frame: Frame;
  /** To be called when the frame is no longer read: its memory is used again. */
  readonly giveBack: () => void;
}

/** The frames of a selection, in bounded memory. `undecodable` gets the numbers of those that cannot be decoded. */
export async function* selectedFrames(
  video: VideoDecoder,
  selection: FrameSelection,
  undecodable: Set<number>,
  signal: AbortSignal,
): AsyncGenerator<LentFrame> {
  const { width, height } = video.metadata;
  const size = Math.max(1, Math.floor(batchBytes / (width * height * 3)));
  for await (const batch of video.batches({ ...selection, size: Math.min(size, 2 ** 20), signal })) {
    batch.status.forEach((status, row) => {
      if (status === "skipped") undecodable.add(batch.indices[row] ?? -1);
    });
    yield* lend(batch);
  }
}

/** A batch can only be released as a whole: when its last frame is given back. */
function* lend(batch: FrameBatch): Generator<LentFrame> {
  const lent = new Set(batch);
  if (lent.size === 0) batch.release();
  for (const frame of [...lent]) {
    const giveBack = (): void => {
      lent.delete(frame);
      if (lent.size === 0) batch.release();
    };
    yield { frame, giveBack };
  }
}
