// Runs a page's blocks as a reader would who follows it from top to bottom: in one folder, in which the videos lie that it names.
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { clip } from "../api/support/ffmpeg.js";
import { fileContent } from "../support/content.js";
import { hangMs } from "../support/hang.js";
import type { Block, Page } from "../support/pages.js";
import { RangeServer } from "../support/range-server.js";

const execute = promisify(execFile);

/** Inside the package, so that `import "framepool"` means this build. */
const home = fileURLToPath(new URL("../docs-run/", import.meta.url));
const command = fileURLToPath(new URL("../../src/bundle/main.js", import.meta.url));

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Reader {
  /** Runs the block; rejects where it fails. */
  run(block: Block): Promise<Said>;
  close(): Promise<void>;
}

/** The pages' sample: four seconds of 160x120 at 25 pictures a second, a key frame every twelve, with a tone of 440 Hz. */
export function sample(): string {
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4"];
  // 186 packets of AAC: of one that is not full, versions of FFmpeg play more or less.
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3.968", "-c:a", "aac"];
  return clip("talk.mp4", [...picture, ...sound, "-c:v", "mpeg4", "-bf", "2"]);
}

export async function readerOf(page: Page): Promise<Reader> {
  const folder = join(home, page.path.replaceAll(/[^a-z]+/gi, "-"));
  const bin = join(folder, ".bin");
  await rm(folder, { recursive: true, force: true });
  await mkdir(bin, { recursive: true });
  for (const name of ["talk.mp4", "walk.mp4"]) await copyFile(sample(), join(folder, name));
  await writeFile(join(folder, "broken.avi"), "not a video");
  await shell(join(bin, "framepool"), `exec "${process.execPath}" "${command}" "$@"`);
  await shell(join(bin, "npx"), `exec "$@"`);
  const server = await RangeServer.start();
  const address = server.serve({ content: await fileContent(sample()) }, "talk.mp4");
  const env = { ...process.env, PATH: [bin, process.env["PATH"] ?? ""].join(delimiter), NO_COLOR: "1" };
  const options = { cwd: folder, env, timeout: hangMs };
  return {
    run: (block) => run(block, folder, options, address),
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function run(
  block: Block,
  folder: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeout: number },
  address: URL,
): Promise<Said> {
  const code = block.code.replaceAll("https://example.org/talk.mp4", address.href);
  if (block.file !== null) {
    await writeFile(join(folder, block.file), code);
    return { stdout: "", stderr: "" };
  }
  if (block.language === "sh") return execute("sh", ["-e", "-c", code], options);
  const file = join(folder, `line-${String(block.line)}.mjs`);
  await writeFile(file, code);
  return execute(process.execPath, [file], options);
}

async function shell(path: string, line: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${line}\n`);
  await chmod(path, 0o755);
}
