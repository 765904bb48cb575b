import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { clip } from "./api/support/ffmpeg.js";
import { fileContent } from "./support/content.js";
import { RangeServer } from "./support/range-server.js";

const run = promisify(execFile);
const readme = new URL("../../README.md", import.meta.url);
// Inside the package, so that `import "framepool"` means this build.
const snippets = fileURLToPath(new URL("./readme-snippets/", import.meta.url));

let folder: string;
let server: RangeServer;
let address: URL;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "framepool-readme-"));
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=4"];
  const sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=4", "-c:a", "aac"];
  const talk = clip("talk.mp4", [...picture, ...sound, "-c:v", "mpeg4", "-bf", "2"]);
  await copyFile(talk, join(folder, "talk.mp4"));
  await mkdir(snippets, { recursive: true });
  server = await RangeServer.start();
  address = server.serve({ content: await fileContent(join(folder, "talk.mp4")) }, "talk.mp4");
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  await rm(snippets, { recursive: true });
});

const blocks = [...(await readFile(readme, "utf8")).matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code ?? "");

test("the README has examples", () => {
  assert.ok(blocks.length >= 3);
});

blocks.forEach((code, i) => {
  test(`README example ${String(i + 1)} runs as pasted`, async () => {
    const file = join(snippets, `${String(i)}.mjs`);
    await writeFile(file, code.replace("https://example.org/talk.mp4", address.href));
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeout: 60_000 });
    assert.equal(stderr, "");
    assert.notEqual(stdout, "");
  });
});

test("the first example wrote its picture", async () => {
  assert.ok((await readdir(folder)).includes("first.png"));
});
