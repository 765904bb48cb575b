import { versions } from "../../../src/index.js";
import { ffmpegVersion } from "./ffmpeg.js";

/** Whether the `ffmpeg` command, by which the tests measure, is of the version that decodes here. */
export const isCommandsVersion = ffmpegVersion().includes(` ${(await versions()).ffmpeg.version} `);
