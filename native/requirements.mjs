// What must be on the machine before anything can be built, how to see whether it is, and how to install it.
import { existsSync } from "node:fs";
import { SetupError, isOnPath, run, say } from "./commands.mjs";

const onMac = process.platform === "darwin";

// FFmpeg 4.4, the oldest version that native/av supports.
const libraries = [
  { name: "libavformat", minimum: [58, 76], development: "libavformat-dev" },
  { name: "libavcodec", minimum: [58, 134], development: "libavcodec-dev" },
  { name: "libavutil", minimum: [56, 70], development: "libavutil-dev" },
  { name: "libswresample", minimum: [3, 9], development: "libswresample-dev" },
  { name: "libswscale", minimum: [5, 9], development: "libswscale-dev" },
];

/** What pictures are encoded with, and the packages that hold it. */
const imageLibraries = [
  {
    name: "libturbojpeg",
    packages: {
      apt: ["libturbojpeg0-dev"],
      dnf: ["'pkgconfig(libturbojpeg)'"],
      pacman: ["libjpeg-turbo"],
      brew: ["jpeg-turbo"],
    },
  },
  {
    name: "libwebp",
    packages: { apt: ["libwebp-dev"], dnf: ["'pkgconfig(libwebp)'"], pacman: ["libwebp"], brew: ["webp"] },
  },
  {
    name: "libdeflate",
    packages: {
      apt: ["libdeflate-dev"],
      dnf: ["'pkgconfig(libdeflate)'"],
      pacman: ["libdeflate"],
      brew: ["libdeflate"],
    },
  },
];

/** FFmpeg's, and those of pictures. */
export const libraryNames = [...libraries, ...imageLibraries].map((library) => library.name);

// On a Mac the compiler and make are Apple's, not brew's.
const compiler = {
  name: "a C++ compiler",
  present: () => hasCompiler(),
  packages: { apt: ["g++"], dnf: ["gcc-c++"], pacman: ["gcc"], brew: onMac ? [] : ["gcc"] },
};

const buildTools = [
  {
    name: "make",
    present: () => isOnPath("make"),
    packages: { apt: ["make"], dnf: ["make"], pacman: ["make"], brew: onMac ? [] : ["make"] },
  },
  {
    name: "python3",
    present: () => isOnPath("python3"),
    packages: { apt: ["python3"], dnf: ["python3"], pacman: ["python"], brew: ["python3"] },
  },
  {
    name: "pkg-config",
    present: () => isOnPath("pkg-config"),
    packages: { apt: ["pkg-config"], dnf: ["pkgconf-pkg-config"], pacman: ["pkgconf"], brew: ["pkgconf"] },
  },
];

/** What the packages' FFmpeg and the libraries beside it are built with besides; the compiler is fetched with python3. */
const packagingTools = [
  {
    name: "nasm",
    present: () => isOnPath("nasm"),
    packages: { apt: ["nasm"], dnf: ["nasm"], pacman: ["nasm"], brew: ["nasm"] },
  },
  {
    name: "cmake",
    present: () => isOnPath("cmake"),
    packages: { apt: ["cmake"], dnf: ["cmake"], pacman: ["cmake"], brew: ["cmake"] },
  },
  {
    name: "xz",
    present: () => isOnPath("xz"),
    packages: { apt: ["xz-utils"], dnf: ["xz"], pacman: ["xz"], brew: ["xz"] },
  },
  {
    name: "python3 with venv",
    present: () => run("python3", ["-c", "import venv, ensurepip"]).ok,
    packages: { apt: ["python3-venv"], dnf: ["python3"], pacman: ["python"], brew: ["python3"] },
  },
];

const ffmpegCommand = {
  name: "the ffmpeg command",
  present: () => isOnPath("ffmpeg"),
  packages: { apt: ["ffmpeg"], dnf: ["ffmpeg-free"], pacman: ["ffmpeg"], brew: ["ffmpeg"] },
};

function hasCompiler() {
  // Apple's c++ is on every Mac, as a stub that asks to install the developer tools.
  if (onMac) return run("xcode-select", ["-p"]).ok;
  const [command] = (process.env.CXX ?? "g++").split(" ");
  return command !== undefined && (existsSync(command) || isOnPath(command));
}

/** The versions of the libraries as pkg-config tells them; null where one is not installed. */
export function libraryVersions() {
  const all = run("pkg-config", ["--modversion", ...libraryNames]);
  const lines = all.output.split("\n");
  if (all.ok && lines.length === libraryNames.length) return lines;
  return libraryNames.map((name) => {
    const one = run("pkg-config", ["--modversion", name]);
    return one.ok ? one.output : null;
  });
}

function missingLibraries() {
  const versions = libraryVersions();
  const ofImages = imageLibraries.filter((_, position) => (versions[libraries.length + position] ?? null) === null);
  const ofFfmpeg = libraries.flatMap(({ name, minimum, development }, position) => {
    const version = versions[position] ?? null;
    if (version !== null && isAtLeast(version, minimum)) return [];
    const found = version === null ? "" : ` ${minimum.join(".")} or newer (FFmpeg 4.4; found ${version})`;
    const packages = { apt: [development], dnf: [`'pkgconfig(${name})'`], pacman: ["ffmpeg"], brew: ["ffmpeg"] };
    return [{ name: `${name}${found}`, library: true, packages }];
  });
  return [...ofFfmpeg, ...ofImages];
}

function isAtLeast(version, [major, minor]) {
  const [foundMajor = 0, foundMinor = 0] = version.split(".").map(Number);
  return foundMajor > major || (foundMajor === major && foundMinor >= minor);
}

/** What is not there. Only our own tests and sample need the `ffmpeg` command; the library does not. */
export function findMissing({ withCommand }) {
  const wanted = [compiler, ...buildTools, ...(withCommand ? [ffmpegCommand] : [])];
  return [...wanted.filter((tool) => !tool.present()), ...missingLibraries()];
}

/** What is not there of what the packages' own FFmpeg is built with. */
export function findMissingForPackages() {
  return [...buildTools, ...packagingTools].filter((tool) => !tool.present());
}

/** One line: what is missing and the command that installs it here. */
export function describeMissing(missing) {
  const library = missing.filter((item) => item.library).map((item) => item.name);
  const names = missing.filter((item) => !item.library).map((item) => item.name);
  if (library.length > 0) names.push(`FFmpeg's development libraries (${library.join(", ")})`);
  return `missing: ${names.join(", ")}. ${installHint(missing)}`;
}

function installHint(missing) {
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const manager = packageManager();
  const packages = packagesFor(missing, manager);
  switch (manager) {
    case "apt":
      return `Install with: ${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages}`;
    case "dnf":
      return `Install with: ${sudo}dnf install -y ${packages}`;
    case "pacman":
      return `Install with: ${sudo}pacman -S --needed ${packages}`;
    case "brew": {
      const commands = missing.some((item) => item.packages.brew.length === 0) ? ["xcode-select --install"] : [];
      if (packages !== "") commands.push(`brew install ${packages}`);
      return `Install with: ${commands.join(" && ")}`;
    }
    default:
      return "Install them with your system's package manager (pkg-config must find the libraries).";
  }
}

function packageManager() {
  if (onMac) return "brew";
  if (isOnPath("apt-get")) return "apt";
  if (isOnPath("dnf")) return "dnf";
  if (isOnPath("pacman")) return "pacman";
  return isOnPath("brew") ? "brew" : null;
}

function packagesFor(missing, manager) {
  if (manager === null) return "";
  return [...new Set(missing.flatMap((item) => item.packages[manager]))].join(" ");
}

/** Installs what `find` says is missing where this user may do so with apt; says the command everywhere else. */
export function provide(find) {
  const missing = find();
  if (missing.length === 0) return;
  const apt = aptCommand();
  if (apt === null) throw new SetupError(describeMissing(missing));

  const packages = packagesFor(missing, "apt");
  say(`installing with apt: ${packages}`);
  apt(["update", "-qq"]);
  const installed = apt(["install", "-qq", "-y", "--no-install-recommends", ...packages.split(" ")]);
  const still = find();
  if (still.length === 0) return;
  if (!installed.ok) console.error(installed.output);
  throw new SetupError(`apt could not provide everything; ${describeMissing(still)}`);
}

/** Runs apt-get with arguments; null where this user may not install with it. */
export function aptCommand() {
  if (packageManager() !== "apt") return null;
  const options = ["-o", "DPkg::Lock::Timeout=120"];
  const quiet = "DEBIAN_FRONTEND=noninteractive";
  if (process.getuid?.() === 0) return (args) => run("env", [quiet, "apt-get", ...options, ...args]);
  if (isOnPath("sudo") && run("sudo", ["-n", "true"]).ok) {
    return (args) => run("sudo", ["-n", "env", quiet, "apt-get", ...options, ...args]);
  }
  return null;
}
