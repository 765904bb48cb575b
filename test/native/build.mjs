// Builds native/av and its checks with the sanitizers: an object is compiled again only when what it is made of changed.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SetupError, fingerprint, listFiles, readStamp, root, run } from "../../native/commands.mjs";
import { inParallel } from "../../native/parallel.mjs";
import { libraryNames, libraryVersions } from "../../native/requirements.mjs";

const directory = join(root, "native/build/sanitized");
const program = join(directory, "checks");
// As make takes it: "ccache g++" is a command and its first argument.
const compiler = (process.env.CXX ?? "g++").split(" ");
const flags = [
  ...["-std=c++17", "-O1", "-g", "-fno-omit-frame-pointer", "-D_GLIBCXX_ASSERTIONS"],
  ...["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  ...["-Wall", "-Wextra", "-Wconversion", "-Werror"],
];

function librariesAsFlags(option) {
  const asked = run("pkg-config", [option, ...libraryNames]);
  if (!asked.ok) throw new SetupError(asked.output);
  return asked.output.split(/\s+/).filter((flag) => flag !== "");
}

function command(args) {
  return new Promise((resolve, reject) => {
    const [name, ...first] = compiler;
    const child = spawn(name, [...first, ...args], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.on("error", (error) => reject(new SetupError(`${name}: ${error.message}`)));
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new SetupError(`${name} failed on ${args.at(-1)}`));
    });
  });
}

/** The path of the program and how many objects were compiled for it. */
export async function buildChecks(width) {
  mkdirSync(directory, { recursive: true });
  const sources = listFiles(["native/av", "test/native"], /\.cc$/);
  const facts = [compiler, flags, libraryVersions()];
  const layer = fingerprint(listFiles(["native/av"], /\.h$/), facts);
  const checks = fingerprint(listFiles(["test/native"], /\.h$/), [layer]);
  const include = librariesAsFlags("--cflags");
  const objects = sources.map((source) => {
    const inLayer = source.startsWith("native/");
    const object = join(directory, `${inLayer ? "av" : "test"}-${basename(source)}.o`);
    const stamp = fingerprint([source], [inLayer ? layer : checks]);
    return { source, object, stampFile: `${object}.stamp`, stamp };
  });
  const stale = objects.filter(({ object, stampFile, stamp }) => readStamp(stampFile) !== stamp || !existsSync(object));
  const compile = stale.map(({ source, object, stampFile, stamp }) => async () => {
    rmSync(program, { force: true });
    rmSync(stampFile, { force: true });
    await command([...flags, ...include, "-c", "-o", object, source]);
    writeFileSync(stampFile, stamp);
  });
  await inParallel(compile, width);
  const list = objects.map(({ object }) => object);
  if (!existsSync(program)) {
    await command(["-fsanitize=address,undefined", ...list, "-pthread", ...librariesAsFlags("--libs"), "-o", program]);
  }
  return { program, compiled: stale.length };
}
