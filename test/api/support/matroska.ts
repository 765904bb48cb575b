/** A packet of a Matroska file's only track. */
export interface Block {
  /** Milliseconds. */
  readonly time: number;
  readonly isKey: boolean;
  readonly bytes: Buffer;
}

/** An element's length in as few bytes as it takes: the first one's leading zeros tell how many follow. */
function length(value: number): Buffer {
  let bytes = 1;
  while (value >= 2 ** (7 * bytes) - 1) bytes++;
  const all = Buffer.alloc(8);
  all.writeBigUInt64BE(BigInt(value) | (1n << BigInt(7 * bytes)));
  return all.subarray(8 - bytes);
}

function element(id: string, ...contents: readonly Buffer[]): Buffer {
  const all = Buffer.concat(contents);
  return Buffer.concat([Buffer.from(id, "hex"), length(all.length), all]);
}

function unsigned(id: string, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return element(id, bytes);
}

const blocksInCluster = 10;

/** Blocks as they are given, whatever their times and flags; clusters say the least time that they hold. */
export function matroska(
  codec: string,
  header: Buffer,
  [width, height]: readonly [number, number],
  blocks: readonly Block[],
): Buffer {
  const clusters: Buffer[] = [];
  for (let at = 0; at < blocks.length; at += blocksInCluster) {
    const some = blocks.slice(at, at + blocksInCluster);
    const begin = Math.max(0, Math.min(...some.map(({ time }) => time)));
    const simple = some.map(({ time, isKey, bytes }) => {
      const head = Buffer.from([0x81, 0, 0, isKey ? 0x80 : 0]);
      head.writeInt16BE(time - begin, 1);
      return element("a3", head, bytes);
    });
    clusters.push(element("1f43b675", unsigned("e7", begin), ...simple));
  }
  const track = element(
    "ae",
    ...[unsigned("d7", 1), unsigned("73c5", 1), unsigned("83", 1), element("86", Buffer.from(codec))],
    element("63a2", header),
    unsigned("23e383", 40_000_000),
    element("e0", unsigned("b0", width), unsigned("ba", height)),
  );
  const information = element("1549a966", unsigned("2ad7b1", 1_000_000));
  return Buffer.concat([
    element("1a45dfa3", element("4282", Buffer.from("matroska")), unsigned("4287", 4), unsigned("4285", 2)),
    element("18538067", information, element("1654ae6b", track), ...clusters),
  ]);
}
