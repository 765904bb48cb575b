import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pages } from "./support/pages.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = new URL("../../", import.meta.url);
// Inside the package, so that `import "framepool"` means this build's declarations.
const folder = fileURLToPath(new URL("./types-check/", import.meta.url));

/** The oldest compiler that knows what memory an array is over, and the newest. */
const compilers = ["typescript-5.7", "typescript-7"];

before(async () => {
  await mkdir(folder, { recursive: true });
  await copyFile(new URL("test/types/usage.mts", root), join(folder, "usage.mts"));
  for (const { path, blocks } of pages()) {
    const ours = blocks.filter(
      // Its declarations do not compile by themselves.
      ({ language, notOurs, code }) =>
        language === "js" && notOurs === null && !code.includes("@huggingface/transformers"),
    );
    for (const { code, line } of ours) {
      await writeFile(join(folder, `${path.replaceAll(/[^a-z]+/gi, "-")}-line-${String(line)}.mts`), code);
    }
  }
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.mts"] }));
});

after(() => rm(folder, { recursive: true }));

for (const compiler of compilers) {
  test(`the blocks of the README and the pages compile as pasted, and types say what comes: ${compiler}`, async () => {
    const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), "bin/tsc");
    const said = await run(process.execPath, [tsc, "-p", folder]).catch(
      (error: unknown) => error as { stdout: string },
    );
    assert.equal(said.stdout, "");
  });
}

test("the declarations that an entry leads to have nothing internal in them", async () => {
  const seen = new Set<string>();
  const look = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = await readFile(file, "utf8");
    assert.doesNotMatch(text, /@internal/, file);
    for (const [, specifier = ""] of text.matchAll(/from "(\.[^"]+)\.js"|import\("(\.[^"]+)\.js"\)/g)) {
      await look(join(dirname(file), `${specifier}.d.ts`));
    }
  };
  for (const entry of ["index", "loader/index", "adapters/index"]) {
    await look(fileURLToPath(new URL(`dist/src/${entry}.d.ts`, root)));
  }
  const internal = [...seen].filter((file) =>
    /src\/(threads|feed|sharing\/(?!endpoint)|pool\/(?!options|stats|versions))/.test(file),
  );
  assert.deepEqual(internal, []);
  assert.ok((await readdir(folder)).length > 5);
});
