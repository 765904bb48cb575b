import type { VideoDecoder } from "../../../src/index.js";
import { digest } from "./pixels.js";

/** Of one frame: its status and pixels, or the code of its error. */
export async function outcome(video: VideoDecoder, index: number): Promise<string> {
  try {
    const frame = await video.getFrameAt(index);
    return `${frame.status} ${digest(frame)}`;
  } catch (error) {
    return (error as { code: string }).code;
  }
}
