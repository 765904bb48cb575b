import type { ByteRange, SharedPiece, SourceFacts } from "../protocol/bytes.js";

/** Enough for the header of most containers and for the first picture; of a small file, not all of it. */
const headBytes = 3 * 2 ** 19;
/** The boxes in front of the media are mostly smaller than this. */
const beginBytes = 64 * 1024;
/** Fetched where a box begins of which nothing is known yet: mostly the index, behind the media. */
const boxBytes = 256 * 1024;
/** An index beyond this is not fetched ahead. */
const mostIndexBytes = 64 * 2 ** 20;
const mostPieces = 6;

/** How far the first bytes should reach: to the first picture, or, where an index leads to any other, no further than need be. */
export type OpeningHead = "picture" | "container";

/** What a worker needs to open a container, as far as that can be told from the bytes themselves, and `fetch` answers; ascending. */
export async function openingPieces(
  { size, coming }: SourceFacts,
  fetch: (range: ByteRange) => Promise<readonly SharedPiece[] | undefined>,
  head: OpeningHead = "picture",
): Promise<readonly SharedPiece[]> {
  const pieces: SharedPiece[] = [];
  // Each turn brings a piece, or is the last.
  while (pieces.length < mostPieces) {
    const range = openingRange(size, pieces, coming, head);
    const fetched = range === undefined ? undefined : await fetch(range);
    if (fetched === undefined || fetched.length === 0) break;
    pieces.push(...fetched);
  }
  return pieces.sort((a, b) => a.position - b.position);
}

/**
 * The next bytes that opening needs, judged by those that are there, or undefined when there is no telling: the head, and in an
 * MP4 or MOV (ISO/IEC 14496-12, 4.2) the `moov` box, wherever it is. Only a guess of what to fetch before a worker is occupied:
 * a worker asks for whatever else it needs. Where bytes are `coming` anyway, they are the head: its beginning tells where the
 * rest is, which is asked for, and the worker begins, while the head still comes.
 */
function openingRange(
  size: number,
  pieces: readonly SharedPiece[],
  coming: number,
  head: OpeningHead,
): ByteRange | undefined {
  if (pieces.length === 0) {
    return range(
      0,
      coming > 0 || head === "container"
        ? Math.min(coming > 0 ? coming : size, beginBytes)
        : Math.min(headBytes, Math.ceil(size / 2)),
      size,
    );
  }
  const begin = bytesAt(pieces, 0);
  if (pieces.length === 1 && head === "container" && isTransportStream(begin.view) && begin.length < headBytes) {
    return range(begin.length, headBytes - begin.length, size);
  }
  for (let at = 0; at + 8 <= size;) {
    const header = bytesAt(pieces, at);
    if (header.length < 16 && at + header.length < size) return range(at, boxBytes, size);
    const box = boxAt(header, size - at);
    if (box === undefined || (at === 0 && !firstBoxes.includes(box.type))) return undefined;
    if (box.type === "moov") {
      const there = header.length;
      return there >= box.size || box.size > mostIndexBytes ? undefined : range(at + there, box.size - there, size);
    }
    at += box.size;
  }
  return undefined;
}

/** What an MP4 or MOV file may begin with. */
const firstBoxes = ["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp"];

/** As far as the file goes: what is in it may promise more. Undefined where there is nothing. */
function range(position: number, length: number, size: number): ByteRange | undefined {
  const there = Math.min(length, size - position);
  return there > 0 ? { position, length: there } : undefined;
}

/** All bytes from a position on that lie together. */
function bytesAt(
  pieces: readonly SharedPiece[],
  position: number,
): { readonly length: number; readonly view: DataView } {
  let length = 0;
  let view = new DataView<ArrayBufferLike>(new ArrayBuffer(0));
  for (const piece of [...pieces].sort((a, b) => a.position - b.position)) {
    const offset = position + length - piece.position;
    if (offset < 0 || offset >= piece.bytes.length) continue;
    if (length === 0)
      view = new DataView(piece.bytes.buffer, piece.bytes.byteOffset + offset, piece.bytes.length - offset);
    length += piece.bytes.length - offset;
  }
  return { length, view };
}

/** Its packets of 188 bytes say what is in it, but not all that decoding takes: some pictures do. */
function isTransportStream(view: DataView): boolean {
  return view.byteLength > 376 && [0, 188, 376].every((at) => view.getUint8(at) === 0x47);
}

/** A box's header, which says its size; undefined when it makes no sense. `left`: bytes up to the end of the file. */
function boxAt(
  { view }: { readonly view: DataView },
  left: number,
): { readonly type: string; readonly size: number } | undefined {
  if (view.byteLength < 8) return undefined;
  const type = String.fromCharCode(view.getUint8(4), view.getUint8(5), view.getUint8(6), view.getUint8(7));
  const short = view.getUint32(0);
  if (short === 0) return { type, size: left };
  if (short > 1) return short < 8 ? undefined : { type, size: short };
  if (view.byteLength < 16) return undefined;
  const size = Number(view.getBigUint64(8));
  return size < 16 || size > left ? undefined : { type, size };
}
