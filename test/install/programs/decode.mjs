// Every picture of every file, opened by its path: one line of JSON a file.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { DecoderPool } from "framepool";

const pool = new DecoderPool({ workers: 2 });
for (const file of readdirSync("media")) {
  if (/\.(wav|flac|m4a|wma)$|dolby|layer2/.test(file)) continue;
  try {
    const video = await pool.openVideo(`media/${file}`, { pixelFormat: "native" });
    const md5 = [];
    for await (const frame of video.frames()) {
      md5.push(createHash("md5").update(frame.data).digest("hex"));
      frame.release();
    }
    await video.close();
    console.log(JSON.stringify({ file, md5 }));
  } catch (error) {
    console.log(JSON.stringify({ file, code: error.code, message: error.message }));
  }
}
await pool.close();
