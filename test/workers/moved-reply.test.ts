import assert from "node:assert/strict";
import { it } from "node:test";
import { Piscina } from "piscina";
import { movingFiles } from "../../workers/moved-reply.js";

const { transferableSymbol, valueSymbol } = Piscina;

it("moves the pictures of a reply, and the packets, and nothing of one that has none", () => {
  const images = [new Uint8Array(3), undefined, new Uint8Array(5)];
  const [status, delivered] = [new Uint8Array(3), new Int32Array(3)];
  const reply = { ok: true, value: { images, status, delivered, failure: undefined }, log: [] } as const;
  const moved = movingFiles(reply) as unknown as Record<symbol, unknown>;
  assert.deepEqual(moved[transferableSymbol], [images[0]?.buffer, images[2]?.buffer]);
  assert.equal(moved[valueSymbol], reply);
  const data = [new Uint8Array(2)];
  const packets = { ok: true, value: { data, durations: new BigInt64Array(1) }, log: [] } as const;
  const movedPackets = movingFiles(packets) as unknown as Record<symbol, unknown>;
  assert.deepEqual(movedPackets[transferableSymbol], [data[0]?.buffer]);
  const none = { ok: true, value: undefined, log: [] } as const;
  assert.equal(movingFiles(none), none);
});
