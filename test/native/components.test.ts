import assert from "node:assert/strict";
import { test } from "node:test";
import { audioCodecs, formats, videoCodecs } from "../../src/protocol/codecs.js";

/** The script is plain JavaScript beside dist. */
const { components } = (await import(new URL("../../../native/prebuild/components.mjs", import.meta.url).href)) as {
  components: Readonly<Record<"decoder" | "demuxer", readonly string[]>>;
};

// FFmpeg's configure, its codecs and its demuxers do not always share a name.
const codecOf: Readonly<Record<string, string>> = {
  libdav1d: "av1",
  flv: "flv1",
  eightbps: "8bps",
  dca: "dts",
  als: "mp4als",
  amrnb: "amr_nb",
  amrwb: "amr_wb",
};
const formatsOf: Readonly<Record<string, readonly string[]>> = {
  matroska: ["matroska", "webm"],
  mov: ["mov", "mp4", "m4a", "3gp", "3g2", "mj2"],
  mpegps: ["mpeg"],
  vc1t: ["vc1test"],
};

/** Allowed, since a system's FFmpeg may have them, and not in the packages. */
const onlyElsewhere = [
  // FFmpeg decodes them with libraries that the packages do not have.
  ...["avs2", "avs3", "jpegxl", "jpegxl_anim"],
  // Raw pictures, which had decoders of their own before FFmpeg 9.
  ...["v308", "v408", "v410"],
  ...["avui", "webp_anim"],
];

test("the packages decode what is allowed, but for what is named here", () => {
  const codecs = [...videoCodecs, ...audioCodecs].flatMap(({ names }) => names);
  const built = new Set(components.decoder.map((name) => codecOf[name] ?? name.replace(/float$/, "")));
  const isBuilt = (codec: string): boolean =>
    built.has(codec) || components.decoder.some((name) => name.endsWith("*") && codec.startsWith(name.slice(0, -1)));
  assert.deepEqual(codecs.filter((codec) => !isBuilt(codec)).sort(), onlyElsewhere.sort());
});

test("the packages open the formats that are allowed, and no others", () => {
  const built = components.demuxer.flatMap((name) => formatsOf[name] ?? [name.replace(/^image_/, "")]);
  assert.deepEqual(formats.flatMap(({ names }) => names).sort(), built.sort());
});
