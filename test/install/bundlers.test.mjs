// Bundlers: with framepool left outside the bundle by one line of their settings, a frame comes out of what they made; without
// that line the error says which line is missing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../../native/commands.mjs";
import { quietly } from "../../native/prebuild/cache.mjs";
import { startRegistry } from "./support/registry.mjs";
import { install, installed, media } from "./support/project.mjs";
import { emptyFolder } from "./support/tools.mjs";

let registry;
let folder;
const tools = [
  "esbuild",
  "rollup",
  "@rollup/plugin-node-resolve",
  "@rollup/plugin-commonjs",
  "@rollup/plugin-json",
  "vite@7",
  "webpack",
  "webpack-cli",
];
before(async () => {
  registry = await startRegistry();
  folder = installed(registry.url);
  install(folder, registry.url, tools);
  cpSync(join(media().folder, "h264.mp4"), join(folder, "video.mp4"));
});
after(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** How each is called, and the file it writes; `outside`: with the documented line. */
const bundlers = {
  esbuild: (outside) => ({
    command: [
      "esbuild",
      "first-frame.mjs",
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--outfile=out/esbuild/app.mjs",
      // What is bundled of CommonJS asks for `require`, in any library.
      "--banner:js=import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename;",
      ...(outside ? ["--external:framepool"] : []),
    ],
    output: "out/esbuild/app.mjs",
  }),
  rollup: (outside) => ({
    files: {
      "rollup.config.mjs": `import resolve from "@rollup/plugin-node-resolve";
import commonjs from "@rollup/plugin-commonjs";
import json from "@rollup/plugin-json";
export default { input: "first-frame.mjs", output: { file: "out/rollup/app.mjs", format: "es", inlineDynamicImports: true },
  plugins: [resolve({ preferBuiltins: true }), commonjs({ ignore: ["node:sqlite"] }), json()]${outside ? ', external: ["framepool"]' : ""} };\n`,
    },
    command: ["rollup", "--config", "rollup.config.mjs"],
    output: "out/rollup/app.mjs",
  }),
  "vite for servers": (outside) => ({
    files: {
      "vite.config.mjs": `export default { build: { ssr: "first-frame.mjs", outDir: "out/vite" },
  ssr: { ${outside ? 'external: ["framepool"]' : "noExternal: true"} } };\n`,
    },
    command: ["vite", "build", "--logLevel=error"],
    output: "out/vite/first-frame.mjs",
  }),
  webpack: (outside) => ({
    files: {
      "webpack.config.mjs": `export default { mode: "production", optimization: { minimize: false }, target: "node20", entry: "./first-frame.mjs",
  experiments: { outputModule: true }, output: { path: import.meta.dirname + "/out/webpack", filename: "app.mjs", module: true }${
    outside ? ',\n  externals: { framepool: "module framepool" }' : ""
  } };\n`,
    },
    command: ["webpack", "--config", "webpack.config.mjs"],
    output: "out/webpack/app.mjs",
  }),
};

function bundle(name, outside) {
  const { files = {}, command, output } = bundlers[name](outside);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  mkdirSync(dirname(join(folder, output)), { recursive: true });
  quietly(join(folder, "node_modules/.bin", command[0]), command.slice(1), { cwd: folder });
  return output;
}

for (const name of Object.keys(bundlers)) {
  describe(name, () => {
    it("gives a first frame with framepool outside the bundle", () => {
      const { ok, output } = run("node", [bundle(name, true), "video.mp4"], { cwd: folder });
      assert.ok(ok, output);
      assert.match(output, /^128 96 36864$/m);
    });

    it("says what to set when framepool was bundled", () => {
      const { ok, output } = run("timeout", ["60", "node", bundle(name, false), "video.mp4"], { cwd: folder });
      assert.ok(!ok, output);
      assert.match(output, /E_ADDON/);
      assert.match(output, /external/);
    });
  });
}

describe("Next.js, standalone output", () => {
  let app;
  after(() => rmSync(app, { recursive: true, force: true }));

  it("answers a request with a frame", () => {
    app = emptyFolder();
    const files = {
      "package.json": '{ "name": "app", "private": true, "type": "module" }\n',
      "next.config.mjs": 'export default { output: "standalone", serverExternalPackages: ["framepool"] };\n',
      "app/layout.js": "export default ({ children }) => <html><body>{children}</body></html>;\n",
      "app/page.js": "export default () => <p>frames</p>;\n",
      "app/frame/route.js": `import { VideoDecoder } from "framepool";
export const dynamic = "force-dynamic";
export async function GET(request) {
  const video = await VideoDecoder.open(new URL(request.url).searchParams.get("file"));
  const frame = await video.getFrameAt(0);
  await video.close();
  return Response.json({ width: frame.width, height: frame.height, bytes: frame.data.length });
}\n`,
      "ask.mjs": `import { spawn } from "node:child_process";
const [server, file] = process.argv.slice(2), port = 20000 + Math.floor(Math.random() * 20000);
const child = spawn(process.execPath, [server], { env: { ...process.env, PORT: String(port), HOSTNAME: "127.0.0.1" }, stdio: "inherit" });
for (let i = 0; i < 300; i++) {
  const answer = await fetch(\`http://127.0.0.1:\${port}/frame?file=\${encodeURIComponent(file)}\`).catch(() => undefined);
  if (answer) { console.log(await answer.text()); break; }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
child.kill();\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(app, name)), { recursive: true });
      writeFileSync(join(app, name), text);
    }
    install(app, registry.url, ["framepool", "next", "react", "react-dom"]);
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" };
    quietly("node", ["node_modules/next/dist/bin/next", "build"], { cwd: app, env });
    // Only what was traced is there.
    const moved = emptyFolder();
    cpSync(join(app, ".next/standalone"), moved, { recursive: true, verbatimSymlinks: true });
    const { output } = run("node", [join(app, "ask.mjs"), join(moved, "server.js"), join(folder, "video.mp4")], {
      cwd: moved,
      env,
    });
    rmSync(moved, { recursive: true });
    assert.match(output, /\{"width":128,"height":96,"bytes":36864\}/);
  });
});
