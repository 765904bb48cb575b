import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const native = fileURLToPath(new URL("../../../native/", import.meta.url));

interface Outcome {
  readonly status: number | null;
  readonly lines: readonly string[];
}

function runScript(script: string, environment: NodeJS.ProcessEnv = process.env): Outcome {
  const done = spawnSync(process.execPath, [join(native, script)], { env: environment, encoding: "utf8" });
  return { status: done.status, lines: `${done.stdout}${done.stderr}`.split("\n").filter((line) => line !== "") };
}

/** Runs a script on a "machine" whose path holds nothing but a package manager. */
function runBareMachine(script: string, manager: string): Outcome {
  const directory = mkdtempSync(join(tmpdir(), "framepool-path-"));
  try {
    const command = join(directory, manager);
    writeFileSync(command, "#!/bin/sh\nexit 1\n");
    chmodSync(command, 0o755);
    return runScript(script, { ...process.env, PATH: directory, CXX: undefined });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("set-up", () => {
  it("does and says nothing when nothing changed", () => {
    assert.deepEqual(runScript("setup.mjs"), { status: 0, lines: [] });
  });
});

// On a Mac it is always brew and Apple's developer tools.
if (process.platform === "linux") {
  describe("set-up on a bare machine", () => {
    const managers = [
      ["dnf", /dnf install -y gcc-c\+\+ make python3 pkgconf-pkg-config ffmpeg-free 'pkgconfig\(libavformat\)'/],
      ["pacman", /pacman -S --needed gcc make python pkgconf ffmpeg libjpeg-turbo libwebp libdeflate$/],
      ["brew", /: brew install gcc make python3 pkgconf ffmpeg jpeg-turbo webp libdeflate$/],
      ["zypper", /your system's package manager/],
    ] as const;
    for (const [manager, command] of managers) {
      it(`names what is missing and how to install it in one line (${manager})`, () => {
        const { status, lines } = runBareMachine("setup.mjs", manager);
        assert.equal(status, 1);
        assert.equal(lines.length, 1);
        assert.match(
          lines[0] ?? "",
          /missing: a C\+\+ compiler, make, python3, pkg-config, the ffmpeg command, libturbojpeg, libwebp, libdeflate, FFmpeg's/,
        );
        assert.match(lines[0] ?? "", command);
      });
    }

    it("does not ask users of the package for the ffmpeg command", () => {
      const { status, lines } = runBareMachine("build-addon.mjs", "dnf");
      assert.equal(status, 1);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", /cannot build the native addon; missing: .*FFmpeg's development libraries/);
      assert.doesNotMatch(lines[0] ?? "", /ffmpeg-free|the ffmpeg command/);
    });
  });
}
