// The packets of MPEG transport streams (ISO/IEC 13818-1, 2.4.3).
import { readFileSync } from "node:fs";

export interface TransportPacket {
  readonly bytes: Buffer;
  /** The video's; null otherwise. */
  readonly picture: number | null;
  /** The first one of its picture. */
  readonly begins: boolean;
  /** Its payload was too short for it. */
  readonly filled: boolean;
}

/** The identifier that ffmpeg gives the first stream. */
const videoIds = { 188: 0x100, 192: 0x1011 };

/** `stride`: bytes from packet to packet, 188, or 192 with a time in front of each. */
export function transportPackets(path: string, stride: 188 | 192 = 188): TransportPacket[] {
  const all = readFileSync(path);
  const packets: TransportPacket[] = [];
  let picture = -1;
  for (let at = 0; at < all.length; at += stride) {
    const bytes = all.subarray(at, at + stride);
    const own = bytes.subarray(stride - 188);
    const isVideo = (own.readUInt16BE(1) & 0x1fff) === videoIds[stride];
    const begins = isVideo && (own.readUInt8(1) & 0x40) !== 0;
    if (begins) picture++;
    const clock = (own.readUInt8(5) & 0x10) !== 0 ? 7 : 1;
    const filled = (own.readUInt8(3) & 0x20) !== 0 && own.readUInt8(4) !== clock;
    packets.push({ bytes, picture: isVideo ? picture : null, begins, filled });
  }
  return packets;
}
