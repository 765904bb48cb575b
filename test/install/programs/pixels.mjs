// What this machine's kernels make of every file: one line of JSON for each way that pictures, images and lossless sound come.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { DecoderPool, transforms } from "framepool";

const { resize, centerCrop, flip, normalize, pad, toneMap } = transforms;
const pictures = {
  rgb24: {},
  rgba: { pixelFormat: "rgba" },
  gray8: { pixelFormat: "gray8" },
  "float32 planes": { dtype: "float32", dimensionOrder: "NCHW" },
  "float16 planes": { dtype: "float16", dimensionOrder: "NCHW" },
  smaller: { transforms: [resize([23, 31])] },
  larger: { transforms: [resize([133, 171])] },
  "smaller and fast": { transforms: [resize([24, 32], { fast: true })] },
  "standard range": { transforms: [toneMap({ to: "sdr" })] },
  "for a model": {
    dtype: "float32",
    dimensionOrder: "NCHW",
    transforms: [
      resize([32, 40]),
      centerCrop(24),
      flip("horizontal"),
      pad(3),
      normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
    ],
  },
};
const images = { jpeg: { format: "jpeg", quality: 80 }, png: { format: "png" }, webp: { format: "webp", quality: 80 } };

const pool = new DecoderPool({ workers: 2 });
const md5 = (bytes) => createHash("md5").update(bytes).digest("hex");
const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

async function tell(file, way, sums) {
  try {
    console.log(JSON.stringify({ what: `${file}, ${way}`, sums: await sums() }));
  } catch (error) {
    console.log(JSON.stringify({ what: `${file}, ${way}`, code: error.code ?? error.message }));
  }
}

async function ofPictures(file, options) {
  const video = await pool.openVideo(`media/${file}`, options);
  const sums = [];
  for await (const frame of video.frames()) {
    sums.push(md5(bytesOf(frame.data)));
    frame.release();
  }
  await video.close();
  return sums;
}

async function ofImages(file, encode) {
  const video = await pool.openVideo(`media/${file}`);
  const sums = [];
  for await (const image of video.getImages({ indices: [0, 2, 4] }, { encode })) sums.push(md5(image.data));
  await video.close();
  return sums;
}

async function ofSound(file) {
  const audio = await pool.openAudio(`media/${file}`);
  const { data } = await audio.getSamplesPlayedInRange(0.1, 1.1);
  await audio.close();
  return [md5(bytesOf(data))];
}

for (const file of readdirSync("media")) {
  if (/\.(wav|flac|m4a|wma)$|dolby|layer2/.test(file)) {
    // Decoders of lossy sound round as their processor does.
    if (/^(deep|free|apple)\./.test(file)) await tell(file, "sound", () => ofSound(file));
    continue;
  }
  for (const [way, options] of Object.entries(pictures)) await tell(file, way, () => ofPictures(file, options));
  for (const [way, encode] of Object.entries(images)) await tell(file, way, () => ofImages(file, encode));
}
await pool.close();
