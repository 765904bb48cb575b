// All pictures of a file in their own pixel format, one behind the other, into a file.
import { closeSync, openSync, writeSync } from "node:fs";
import { VideoDecoder } from "framepool";

const [file, to] = process.argv.slice(2);
const video = await VideoDecoder.open(file, { pixelFormat: "native" });
const output = openSync(to, "w");
for await (const frame of video.frames()) {
  writeSync(output, frame.data);
  frame.release();
}
closeSync(output);
await video.close();
