// C++ checks: `node native/lint.mjs check | format | tidy`. The tools are used where they are installed and named where not.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { addonDefines } from "./addon-sources.mjs";
import { SetupError, isOnPath, listFiles, nodeEnvironment, root, run, runScript, say } from "./commands.mjs";
import { libraryNames } from "./requirements.mjs";

const formatVersion = 14;
/** An alarm, not a size to split at: CONTRIBUTING.md, "C++". */
const longestFile = 600;
const files = listFiles(["native/av", "native/binding", "test/native"], /\.(cc|h)$/);

/** The two layers stay apart, and FFmpeg's versions are one header's business. */
const rules = [
  {
    applies: (file) => file.startsWith("native/av/"),
    forbids: /#include\s*[<"](napi|node_api|uv|v8|node)\b/,
    why: "native/av knows no Node",
  },
  {
    applies: (file) => file !== "native/av/ffmpeg.h",
    forbids: /#include\s*[<"]lib(av|sw)/,
    why: "only native/av/ffmpeg.h includes FFmpeg's headers",
  },
  {
    applies: (file) => file !== "native/av/ffmpeg.h",
    forbids: /LIB(AV|SW)[A-Z]+_VERSION/,
    why: "only native/av/ffmpeg.h knows FFmpeg's versions",
  },
  { applies: () => true, forbids: /\b(TODO|FIXME|XXX)\b/, why: "nothing is left open in the code" },
];

function checkArchitecture() {
  const complaints = files.flatMap((file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    const found =
      lines.length > longestFile
        ? [`${file}: ${lines.length} lines, over ${longestFile}: does it hold two concepts?`]
        : [];
    for (const { applies, forbids, why } of rules) {
      if (!applies(file)) continue;
      const line = lines.findIndex((text) => forbids.test(text));
      if (line >= 0) found.push(`${file}:${line + 1}: ${why}`);
    }
    return found;
  });
  if (complaints.length > 0) throw new SetupError(`C++ architecture\n${complaints.join("\n")}`);
}

/** Another version of clang-format would fight with this one over a few lines. */
function findFormatter() {
  for (const command of [`clang-format-${formatVersion}`, "clang-format"]) {
    if (!isOnPath(command)) continue;
    const version = /version (\d+)/.exec(run(command, ["--version"]).output)?.[1];
    if (Number(version) === formatVersion) return command;
  }
  say(`clang-format ${formatVersion} is not installed: the C++ formatting is not checked here`);
  return null;
}

function format(mode) {
  const formatter = findFormatter();
  if (formatter === null || files.length === 0) return;
  // The style is named: test/native has no style file of its own above it.
  const style = `--style=file:${join(root, "native/.clang-format")}`;
  const done = run(formatter, [style, ...mode, ...files]);
  if (done.ok) return;
  const unformatted = files.filter((file) => done.output.includes(`${file}:`));
  if (unformatted.length === 0) throw new SetupError(`${formatter} failed: ${done.output.split("\n")[0]}`);
  throw new SetupError(`not formatted (npm run format mends it): ${unformatted.join(" ")}`);
}

function tidy() {
  if (!isOnPath("clang-tidy")) {
    say("clang-tidy is not installed: nothing was checked");
    return;
  }
  const sources = files.filter((file) => file.endsWith(".cc") && file.startsWith("native/"));
  const failed = sources.filter((source) => {
    const done = run("clang-tidy", ["--quiet", source, "--", ...compilerFlags()], { env: nodeEnvironment() });
    if (!done.ok) console.error(done.output);
    return !done.ok;
  });
  if (failed.length > 0) throw new SetupError(`clang-tidy complains about ${failed.join(", ")}`);
}

function compilerFlags() {
  const require = createRequire(import.meta.url);
  return [
    "-std=c++17",
    "-fexceptions",
    ...addonDefines(),
    "-isystem",
    join(dirname(dirname(process.execPath)), "include/node"),
    "-isystem",
    dirname(require.resolve("node-addon-api/package.json")),
    ...run("pkg-config", ["--cflags", ...libraryNames])
      .output.split(/\s+/)
      .filter((flag) => flag !== ""),
  ];
}

const commands = {
  check: () => {
    checkArchitecture();
    format(["--dry-run", "--Werror"]);
  },
  format: () => format(["-i"]),
  tidy,
};

runScript(() => {
  const command = commands[process.argv[2] ?? ""];
  if (command === undefined) throw new SetupError(`usage: node native/lint.mjs ${Object.keys(commands).join(" | ")}`);
  command();
});
