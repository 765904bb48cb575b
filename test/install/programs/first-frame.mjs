import { VideoDecoder } from "framepool";
const video = await VideoDecoder.open(process.argv[2]);
const frame = await video.getFrameAt(0);
console.log(frame.width, frame.height, frame.data.length);
await video.close();
