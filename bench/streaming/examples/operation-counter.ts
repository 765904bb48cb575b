// operation-counter.js VIDEO: how often a file-like object is asked, in both seek modes.
import { closeSync, openSync } from "node:fs";
import { VideoDecoder, fileLike } from "../../../src/index.js";
import { FileOpCounter } from "./file-op-counter.js";

const [path = "talk.mp4"] = process.argv.slice(2);
for (const seekMode of ["approximate", "exact"] as const) {
  const file = openSync(path, "r");
  const counter = new FileOpCounter(fileLike(file));
  const video = await VideoDecoder.open(counter, { seekMode });
  const { numReads, numSeeks } = counter;
  console.log(`${seekMode}, decoder construction: ${String(numReads)} reads, ${String(numSeeks)} seeks`);
  await video.getFrameAt(0);
  const [reads, seeks] = [counter.numReads - numReads, counter.numSeeks - numSeeks];
  console.log(`${seekMode}, first frame: ${String(reads)} reads, ${String(seeks)} seeks`);
  await video.close();
  closeSync(file);
}
