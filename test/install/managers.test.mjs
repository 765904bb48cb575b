// The package managers that people use, each with its defaults: none runs a script of a dependency, and a frame must come out.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../native/commands.mjs";
import { quietly } from "../../native/prebuild/cache.mjs";
import { npmPackage } from "../../native/prebuild/fetch.mjs";
import { startRegistry } from "./support/registry.mjs";
import { media } from "./support/project.mjs";
import { emptyFolder } from "./support/tools.mjs";

const program = new URL("programs/first-frame.mjs", import.meta.url);

let registry;
before(async () => {
  registry = await startRegistry();
});
after(() => registry.close());

function newProject(files) {
  const folder = emptyFolder();
  for (const [name, text] of Object.entries({ "package.json": '{ "name": "app", "private": true }\n', ...files })) {
    writeFileSync(join(folder, name), text);
  }
  cpSync(program, join(folder, "first-frame.mjs"));
  cpSync(join(media().folder, "h264.mp4"), join(folder, "video.mp4"));
  return folder;
}

const npmrc = () => `registry=${registry.url}\n`;

const managers = {
  npm: async () => ({ files: { ".npmrc": npmrc() }, add: ["npm", "install", "framepool"], run: ["node"] }),
  pnpm: async () => {
    const command = ["node", join(await npmPackage("pnpm@10"), "bin/pnpm.cjs")];
    return { files: { ".npmrc": npmrc() }, add: [...command, "add", "framepool"], run: ["node"] };
  },
  "Yarn 1": async () => {
    const command = ["node", join(await npmPackage("yarn@1"), "bin/yarn.js")];
    // Its usual cache remembers what another run's packages of this version were.
    return {
      files: { ".npmrc": npmrc(), ".yarnrc": 'cache-folder "./.cache"\n' },
      add: [...command, "add", "framepool"],
      run: ["node"],
    };
  },
  "Yarn 4 with Plug'n'Play": async () => {
    const command = ["node", join(await npmPackage("@yarnpkg/cli-dist@4"), "bin/yarn.js")];
    const settings = [
      `npmRegistryServer: ${registry.url}`,
      "unsafeHttpWhitelist: [127.0.0.1]",
      "nodeLinker: pnp",
      // Its usual one remembers where another run's registry listened.
      "globalFolder: ./.yarn/global",
      "enableTelemetry: false",
    ];
    const files = { ".yarnrc.yml": `${settings.join("\n")}\n`, "yarn.lock": "" };
    return { files, add: [...command, "add", "framepool"], run: [...command, "node"] };
  },
  Bun: async () => {
    const bun = join(await npmPackage("@oven/bun-linux-x64@1"), "bin/bun");
    const files = { "bunfig.toml": `[install]\nregistry = "${registry.url}"\n` };
    return { files, add: [bun, "add", "framepool"], run: [bun] };
  },
  Deno: async () => {
    const deno = join(await npmPackage("@deno/linux-x64-glibc@2"), "deno");
    return { files: { ".npmrc": npmrc() }, add: [deno, "add", "npm:framepool"], run: [deno, "run", "--allow-all"] };
  },
};

for (const [name, prepare] of Object.entries(managers)) {
  describe(name, () => {
    let folder;
    after(() => folder === undefined || rmSync(folder, { recursive: true }));

    it("installs without a script and gives a first frame", async () => {
      const { files, add, run: start } = await prepare();
      folder = newProject(files);
      const env = { ...process.env, CI: "1" };
      delete env.npm_config_registry;
      quietly(add[0], add.slice(1), { cwd: folder, env });
      const { ok, output } = run(start[0], [...start.slice(1), "first-frame.mjs", "video.mp4"], { cwd: folder, env });
      assert.ok(ok, output);
      assert.match(output, /^128 96 36864$/m);
    });
  });
}
