import assert from "node:assert/strict";
import { it, mock } from "node:test";
import { plain } from "../api/support/clips.js";
import { collect } from "../api/support/sequences.js";
import { testPool } from "../api/support/pool.js";

it("sets no timer while pictures of a file wait for a worker", async () => {
  const pool = testPool({ workers: 1 });
  const video = await pool.openVideo(plain.path());
  await collect(video.getImages({ indices: [0] }, { encode: { format: "jpeg" } }));
  const timers = mock.method(globalThis, "setInterval");
  const range = { start: 0, stop: plain.frames };
  const all = [0, 1].map(() => collect(video.getImages({ range }, { encode: { format: "jpeg" } })));
  assert.ok((await Promise.all(all)).every(({ length }) => length === plain.frames));
  // But for the one that keeps the process alive.
  const ticking = timers.mock.calls.filter(({ arguments: [, ms = 0] }) => ms < 1000);
  assert.equal(ticking.length, 0);
  timers.mock.restore();
});
