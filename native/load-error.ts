/** An addon that was looked for and did not load. */
export interface Attempt {
  /** "FRAMEPOOL_ADDON", "local build", or the package's name. */
  readonly from: string;
  readonly error: unknown;
}

/** What the advice depends on. */
export interface Machine {
  /** As in the packages' names. */
  readonly platform: string;
  /** Whether there is a package for it at all. */
  readonly hasPackage: boolean;
  /** Platforms whose packages are installed. */
  readonly installed: readonly string[];
  /** Of framepool. */
  readonly version: string;
  readonly node: string;
  readonly electron: string | undefined;
  readonly glibc: string | undefined;
}

/** The addon is missing or this system cannot load it; the message says what was tried and the one thing to do. */
export class AddonLoadError extends Error {
  override readonly name = "AddonLoadError";
  readonly code = "E_ADDON";

  constructor(tried: readonly Attempt[], machine: Machine) {
    const { platform, node, electron, glibc } = machine;
    const facts = [platform, `Node ${node}`];
    if (electron !== undefined) facts.push(`Electron ${electron}`);
    if (glibc !== undefined) facts.push(`glibc ${glibc}`);
    const { cause, command } = advise(tried, machine);
    const list = tried.map((attempt) => `${attempt.from}: ${isMissing(attempt) ? "not there" : said(attempt)}`);
    super(
      `cannot load framepool's native addon: ${cause}. ${command} (${facts.join(", ")}; tried ${list.join("; ")})`,
      { cause: tried.at(-1)?.error },
    );
  }
}

interface Advice {
  readonly cause: string;
  readonly command: string;
}

const oldestGlibc = "2.28";
const build = "Build it for this system with: npx framepool build";

function advise(tried: readonly Attempt[], machine: Machine): Advice {
  const { platform, hasPackage, installed, version } = machine;
  if (tried.some(({ from }) => from === "FRAMEPOOL_ADDON")) {
    return {
      cause: "the file that FRAMEPOOL_ADDON in the environment names is not there, or this system does not load it",
      command: "Name another one, or unset it",
    };
  }
  const local = tried.find(({ from }) => from === "local build");
  const packaged = tried.find(({ from }) => from !== "local build");
  const isBuilt = local !== undefined && !isMissing(local);
  const isInstalled = packaged !== undefined && !isMissing(packaged);
  const install = `Install it with: npm install --include=optional @framepool/${platform}@${version}`;
  if (isInstalled) return adviseOnPackage(packaged, machine, install);
  if (isBuilt) return { cause: reasonOfBuild(said(local)), command: build };
  if (!hasPackage) return { cause: `there is no package with it for ${platform}`, command: build };
  const others = installed.filter((name) => name !== platform);
  if (others.length > 0) {
    const from = others.map((name) => `@framepool/${name}`).join(" and ");
    return {
      cause: `node_modules is of another system (it holds ${from}), or was copied from there, also into an image`,
      command: install,
    };
  }
  return {
    cause:
      "its package was left out: optional dependencies were (--omit=optional, --no-optional), or a lock file of another system names none for this one",
    command: install,
  };
}

/** It is there, and this system does not take it. */
function adviseOnPackage(attempt: Attempt, { electron, glibc }: Machine, install: string): Advice {
  const message = said(attempt);
  if (/GLIBC_\d/.test(message)) {
    return {
      cause: `this system's glibc ${glibc ?? ""} is older than ${oldestGlibc}, which its package needs`,
      command: build,
    };
  }
  if (/app\.asar(?!\.unpacked)/.test(message)) {
    return {
      cause: "it cannot be loaded from inside an archive",
      command: 'Keep it outside, in electron-builder with: "asarUnpack": ["**/node_modules/@framepool/**"]',
    };
  }
  if (wrongSystem.test(message)) return { cause: "its package is another system's, or damaged", command: install };
  const where = electron === undefined ? "this system" : "this Electron";
  return { cause: `its package is there, but ${where} does not load it`, command: build };
}

const wrongSystem =
  /invalid elf header|wrong elf class|not a mach-o|incompatible architecture|exec format error|not a valid win32|file too short/i;

function reasonOfBuild(message: string): string {
  if (/lib(av|sw)\w+[.\d]*\.(so|dylib)|library not loaded: .*lib(av|sw)|undefined symbol: (av|sw)/i.test(message)) {
    return "FFmpeg's libraries were removed or replaced by another version since it was built";
  }
  if (wrongSystem.test(message)) return "it was built on another system, and copied here";
  return "it was built against other versions of the system's libraries or of Node";
}

function isMissing({ error }: Attempt): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return (
    code === "MODULE_NOT_FOUND" ||
    code === "ERR_MODULE_NOT_FOUND" ||
    /cannot find (module|package)/i.test(said({ error }))
  );
}

/** The first line of what the system said. */
function said({ error }: Pick<Attempt, "error">): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0] ?? message;
}
