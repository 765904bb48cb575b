import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type OpeningHead, openingPieces } from "../../src/feed/opening-range.js";
import type { ByteRange, SharedPiece } from "../../src/protocol/bytes.js";
import { seededRandom } from "../../src/protocol/random.js";

interface Asked {
  readonly coming?: number;
  readonly head?: OpeningHead;
  /** What comes of a range at once. Default: all. */
  readonly pieceBytes?: number;
}

/** What is asked for of these bytes: each time some that are there, and that did not come yet. */
async function asked(file: Buffer, { coming = 0, head, pieceBytes = Infinity }: Asked = {}): Promise<ByteRange[]> {
  const ranges: ByteRange[] = [];
  const came = new Uint8Array(file.length);
  const fetch = (range: ByteRange): Promise<readonly SharedPiece[]> => {
    const { position, length } = range;
    ranges.push(range);
    assert.ok(length > 0 && position >= 0 && position + length <= file.length, JSON.stringify(range));
    assert.ok(came.subarray(position, position + length).includes(0), `${JSON.stringify(range)} came before`);
    came.fill(1, position, position + length);
    const pieces: SharedPiece[] = [];
    for (let at = position; at < position + length; at += pieceBytes) {
      const part = file.subarray(at, Math.min(at + pieceBytes, position + length));
      const bytes = new Uint8Array(new SharedArrayBuffer(part.length));
      bytes.set(part);
      pieces.push({ position: at, bytes });
    }
    return Promise.resolve(pieces);
  };
  const pieces = await openingPieces({ size: file.length, coming, key: undefined }, fetch, head);
  const positions = pieces.map(({ position }) => position);
  assert.deepEqual(
    positions,
    [...positions].sort((a, b) => a - b),
  );
  return ranges;
}

/** A box that says it is so long: ISO/IEC 14496-12, 4.2. */
function box(type: string, contents: number, told = contents + 8): Buffer {
  const bytes = Buffer.alloc(8 + contents);
  bytes.writeUInt32BE(told);
  bytes.write(type, 4, "latin1");
  return bytes;
}

const heads: readonly OpeningHead[] = ["picture", "container"];

describe("what is fetched before a container is opened", () => {
  it("the index behind the media, as far as the head does not reach", async () => {
    const file = Buffer.concat([box("ftyp", 24), box("mdat", 4_000_000), box("moov", 300_000)]);
    const [head, begin, rest, ...more] = await asked(file);
    assert.equal(head?.position, 0);
    assert.deepEqual(begin, { position: 4_000_040, length: 262_144 });
    assert.deepEqual(rest, { position: 4_262_184, length: 300_008 - 262_144 });
    assert.deepEqual(more, []);
  });

  for (const head of heads) {
    it(`a box that promises more than the file has: what there is (${head})`, async () => {
      for (const media of [1000, 100_000, 4_000_000]) {
        for (const there of [1, 8, 20, 500_000]) {
          const index = box("moov", there, 1_000_000);
          await asked(Buffer.concat([box("ftyp", 24), box("mdat", media), index]), { head });
          await asked(Buffer.concat([box("ftyp", 24), index]), { head });
          await asked(Buffer.concat([box("ftyp", 24), box("mdat", media), index.subarray(0, 12)]), { head });
        }
      }
    });

    it(`a transport stream of any length (${head})`, async () => {
      for (const packets of [1, 2, 3, 10, 348, 349, 8366, 8367, 20_000]) {
        const file = Buffer.alloc(188 * packets);
        for (let at = 0; at < file.length; at += 188) file[at] = 0x47;
        for (const coming of [0, 188, file.length]) await asked(file, { head, coming });
      }
    });

    it(`files of no sense (${head})`, async () => {
      const random = seededRandom(7, 0);
      const below = (end: number): number => Math.floor(random() * end);
      const types = ["ftyp", "moov", "mdat", "free", "wide", "????"];
      for (let round = 0; round < 300; round++) {
        const boxes = Array.from({ length: 1 + below(5) }, () => {
          const contents = below(2) === 0 ? below(40) : below(600_000);
          const told = [contents + 8, 0, 1, below(12), below(2 ** 20), 2 ** 32 - 1];
          return box(types[below(types.length)] ?? "", contents, told[below(told.length)]);
        });
        const whole = Buffer.concat([...(below(3) === 0 ? [] : [box("ftyp", 24)]), ...boxes]);
        const file = whole.subarray(0, whole.length - below(3) * below(whole.length / 3));
        const coming = [0, file.length, below(file.length + 1)][below(3)] ?? 0;
        await asked(file, { head, coming, pieceBytes: below(2) === 0 ? Infinity : 1 + below(200_000) });
      }
    });
  }

  it("nothing of an empty file", async () => {
    assert.deepEqual(await asked(Buffer.alloc(0)), []);
  });
});
