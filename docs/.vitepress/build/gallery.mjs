// The gallery's pictures: its blocks, run as they stand on the sample of `npm start`. A block that fails, or a picture that none made, ends the build.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSample } from "../../../dist/src/cli/sample-video.js";
import { blocksOf } from "../../../dist/test/support/pages.js";
import { pagesFolder, root } from "./folders.mjs";

export async function makePictures() {
  // Inside the package, so that `import "framepool"` means this build.
  const folder = join(root, "dist/docs/gallery");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await makeSample(join(folder, "talk.mp4"));
  const page = readFileSync(join(root, "docs/gallery.md"), "utf8");
  for (const { language, code, line } of blocksOf(page)) run(language, code, line, folder);
  for (const [, picture] of page.matchAll(/\]\(gallery\/([^)]+)\)/g)) {
    mkdirSync(join(pagesFolder, "gallery"), { recursive: true });
    cpSync(join(folder, picture), join(pagesFolder, "gallery", picture));
  }
}

function run(language, code, line, cwd) {
  if (language === "js") {
    const file = join(cwd, `line-${line}.mjs`);
    writeFileSync(file, code);
    execFileSync(process.execPath, [file], { cwd, stdio: ["ignore", "ignore", "inherit"] });
    return;
  }
  const command = `framepool() { "${process.execPath}" "${join(root, "dist/src/bundle/main.js")}" "$@"; }\n${code}`;
  execFileSync("sh", ["-e", "-c", command], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}
