// docs/codecs.md out of the lists that the code uses: `node native/codecs-page.mjs write | check`, after a build.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { root } from "./commands.mjs";
import { audioCodecs, formats, videoCodecs } from "../dist/src/protocol/codecs.js";

const path = join(root, "docs/codecs.md");

function table(groups) {
  const rows = groups.map(({ title, names }) => `| ${title} | ${names.map((name) => `\`${name}\``).join(" ")} |`);
  return ["| Kind | Names |", "| --- | --- |", ...rows].join("\n");
}

const page = `# Formats and codecs

<!-- Made by native/codecs-page.mjs out of src/protocol/codecs.ts: change the lists there. -->

What is opened and decoded, by FFmpeg's own names, is the same with the FFmpeg that comes with framepool and with a system's,
as far as that has it. Every demuxer and decoder is a way in for whoever makes the file, so the rest is refused:

- **Formats** that name other files or addresses (playlists, DASH, concat lists), devices, and text: always, with
  \`E_UNSUPPORTED_FORMAT\`.
- **Codecs** that hardly anybody means to decode (of screen recorders, of games, of capture cards long gone, and MagicYUV, in which
  CVE-2026-8461 was found): with \`E_UNSUPPORTED_CODEC\`, unless you ask for them by name:

<!-- not run: it needs a recording in MagicYUV -->

\`\`\`js
import { VideoDecoder } from "framepool";

const video = await VideoDecoder.open("capture.avi", { codecs: ["magicyuv"] });
\`\`\`

\`npx framepool doctor\` says which FFmpeg is used, and which holes of its version are known.

## Formats

${table(formats)}

## Codecs of pictures

${table(videoCodecs)}

## Codecs of sound

${table(audioCodecs)}
`;

const text = await format(page, { parser: "markdown", printWidth: 120, proseWrap: "preserve" });
if (process.argv[2] === "write") {
  writeFileSync(path, text);
} else if (readFileSync(path, "utf8") !== text) {
  console.error("docs/codecs.md is not what the lists say: node native/codecs-page.mjs write");
  process.exitCode = 1;
}
