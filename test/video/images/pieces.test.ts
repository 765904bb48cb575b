import assert from "node:assert/strict";
import { it, mock } from "node:test";
import { MessagePort } from "node:worker_threads";
import { long } from "../../api/support/clips.js";
import { testPool } from "../../api/support/pool.js";
import { collect } from "../../api/support/sequences.js";

/** Of a message to a worker, as Piscina wraps a job. */
interface Sent {
  readonly task?: { readonly job?: { readonly kind: string; readonly targets: Int32Array } };
}

it("asks for few pictures first, since somebody waits, then for many: each message costs the main thread as much as twenty pictures", async () => {
  const video = await testPool({ workers: 1 }).openVideo(long.path());
  const sent = mock.method(MessagePort.prototype, "postMessage");
  const images = await collect(
    video.getImages({ range: { start: 0, stop: long.frames } }, { encode: { format: "jpeg" } }),
  );
  sent.mock.restore();
  assert.equal(images.length, long.frames);
  const pieces = sent.mock.calls
    .map(({ arguments: [message] }) => (message as Sent).task?.job)
    .flatMap((job) => (job?.kind === "encode" ? [job.targets.length] : []));
  assert.equal(
    pieces.reduce((sum, pictures) => sum + pictures, 0),
    long.frames,
  );
  assert.ok((pieces[0] ?? Infinity) <= 8, String(pieces));
  assert.ok(pieces.length <= 2 + Math.ceil(long.frames / 48), String(pieces));
});
