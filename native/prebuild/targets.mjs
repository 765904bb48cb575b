// The platforms that packages are made for, as data: a target is a system and a processor, and everything else follows.
const processors = {
  x64: { zig: "x86_64", ffmpeg: "x86_64" },
  arm64: { zig: "aarch64", ffmpeg: "aarch64" },
};

// `npm`: the fields by which package managers pick a package. The oldest glibc is Debian 10's and RHEL 8's, Node's own.
const systems = {
  linux: { zig: "linux-gnu.2.28", ffmpeg: "linux", binary: "elf", glibc: "2.28", npm: { os: "linux", libc: "glibc" } },
  linuxmusl: { zig: "linux-musl", ffmpeg: "linux", binary: "elf", npm: { os: "linux", libc: "musl" } },
  win32: {
    zig: "windows-gnu",
    ffmpeg: "mingw32",
    meson: "windows",
    cmake: "Windows",
    binary: "pe",
    npm: { os: "win32" },
  },
  darwin: { zig: "macos.12.0", ffmpeg: "darwin", cmake: "Darwin", binary: "macho", npm: { os: "darwin" } },
};

export const targets = Object.fromEntries(
  Object.keys(systems).flatMap((platform) =>
    Object.keys(processors).map((arch) => [`${platform}-${arch}`, makeTarget(platform, arch)]),
  ),
);

function makeTarget(platform, arch) {
  const [system, processor] = [systems[platform], processors[arch]];
  const { os, libc } = system.npm;
  return {
    name: `${platform}-${arch}`,
    platform,
    arch,
    package: `@framepool/${platform}-${arch}`,
    binary: system.binary,
    glibc: system.glibc ?? null,
    npm: { os: [os], cpu: [arch], ...(libc === undefined ? {} : { libc: [libc] }) },
    zig: `${processor.zig}-${system.zig}`,
    configure: [`--target-os=${system.ffmpeg}`, `--arch=${processor.ffmpeg}`],
    cmake: {
      SYSTEM_NAME: system.cmake ?? "Linux",
      SYSTEM_PROCESSOR: processor.zig,
      // The linker of the targets is not the build machine's: nothing but archives is made.
      TRY_COMPILE_TARGET_TYPE: "STATIC_LIBRARY",
      // Apple's tool that names shared libraries, of which none is made; without it assembly is refused.
      ...(system.cmake === "Darwin" ? { INSTALL_NAME_TOOL: "true" } : {}),
    },
    meson: { system: system.meson ?? system.ffmpeg, cpu: processor.zig },
  };
}

/** The target of the machine that this runs on; undefined where there is none. */
export function hostTarget() {
  const musl = process.platform === "linux" && process.report.getReport().header.glibcVersionRuntime === undefined;
  return targets[`${process.platform}${musl ? "musl" : ""}-${process.arch}`];
}
