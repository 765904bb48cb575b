import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it, test } from "node:test";
import { constants } from "node:os";
import { type ByteSource, FramepoolError } from "../../src/index.js";
import { plain, plainMkv, twoSizes } from "./support/clips.js";
import { temporaryFolder } from "./support/files.js";
import { testPool } from "./support/pool.js";
import { reportsOf } from "./support/script.js";
import { sounds } from "./support/sound.js";

const folder = temporaryFolder();
const pool = testPool();

/** Bytes of which those behind `from` cannot be read while it is broken. */
class Breaking implements ByteSource {
  broken = true;
  readonly size: number;
  readonly #bytes: Uint8Array;
  readonly #from: number;

  constructor(bytes: Uint8Array, part: number) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.#from = Math.floor(bytes.length * part);
  }

  read(position: number, length: number): Uint8Array {
    if (this.broken && position + length > this.#from) throw new Error("stale");
    return this.#bytes.subarray(position, position + length);
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "none",
    (error: unknown) => (error instanceof FramepoolError ? error.code : String(error)),
  );
}

const parts = [0.01, 0.2, 0.43, 0.6, 0.8, 0.95];

describe("a read that fails is no damage", () => {
  for (const path of [plain.path(), plainMkv(), twoSizes.mpeg2()]) {
    it(`${basename(path)}: E_IO, or every frame`, async () => {
      const bytes = readFileSync(path);
      const whole = await pool.openVideo(path);
      for (const part of parts) {
        const source = new Breaking(bytes, part);
        const code = await codeOf(pool.openVideo(source).then((video) => assert.equal(video.length, whole.length)));
        assert.ok(code === "none" || code === "E_IO", `${part}: ${code}`);
        source.broken = false;
        const video = await pool.openVideo(source, { onError: "skip" });
        source.broken = true;
        const broken = await codeOf(video.getAllFrames());
        assert.ok(broken === "none" || broken === "E_IO", `${part}: ${broken}`);
        source.broken = false;
        const { status } = await video.getAllFrames();
        assert.deepEqual([...new Set(status)], ["ok"], "it goes on where it was");
        assert.equal(status.length, whole.length);
      }
    });
  }

  for (const [name, options] of [
    ["reads.mp3", ["-c:a", "libmp3lame"]],
    ["reads.mka", ["-c:a", "aac"]],
    ["reads.ogg", ["-c:a", "libvorbis"]],
    ["reads.wav", []],
  ] as const) {
    it(`${name}: E_IO, or every sample`, async () => {
      const path = sounds(name, options, { seconds: 4 });
      const bytes = readFileSync(path);
      const whole = (await (await pool.openAudio(path)).getAllSamples()).shape[1];
      for (const part of parts) {
        const source = new Breaking(bytes, part);
        const code = await codeOf(pool.openAudio(source).then((audio) => audio.getAllSamples()));
        assert.equal(code, "E_IO", String(part));
        source.broken = false;
        const audio = await pool.openAudio(source);
        source.broken = true;
        const broken = await codeOf(audio.getAllSamples().then(({ shape }) => assert.equal(shape[1], whole)));
        assert.ok(broken === "none" || broken === "E_IO", `${part}: ${broken}`);
        source.broken = false;
        assert.equal((await audio.getAllSamples()).shape[1], whole, "it goes on where it was");
      }
    });
  }
});

/** In the place of the C library's: fails with FAIL_ERRNO where it reaches beyond FAIL_FROM of the file FAIL_INODE. */
const shim = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
typedef ssize_t (*read_at)(int, void *, size_t, off64_t);
static ssize_t one(const char *name, int fd, void *to, size_t count, off64_t at) {
  struct stat status;
  const char *inode = getenv("FAIL_INODE");
  if (inode && fstat(fd, &status) == 0 && status.st_ino == strtoull(inode, 0, 10) &&
      at + (off64_t)count > atoll(getenv("FAIL_FROM"))) {
    errno = atoi(getenv("FAIL_ERRNO"));
    return -1;
  }
  return ((read_at)dlsym(RTLD_NEXT, name))(fd, to, count, at);
}
ssize_t pread(int fd, void *to, size_t count, off_t at) { return one("pread", fd, to, count, at); }
ssize_t pread64(int fd, void *to, size_t count, off64_t at) { return one("pread64", fd, to, count, at); }
`;

const compiled = join(folder, "shim.so");

function canCompile(): boolean {
  if (process.platform !== "linux") return false;
  const code = join(folder, "shim.c");
  writeFileSync(code, shim);
  return spawnSync("cc", ["-shared", "-fPIC", "-o", compiled, code, "-ldl"]).status === 0;
}

if (canCompile()) {
  const errors = ["EIO", "ESTALE", "ENXIO", "ETIMEDOUT", "ENODEV", "EAGAIN", "EBADF"] as const;
  it("whatever the system says of a local file that cannot be read, it is E_IO", async () => {
    const bytes = readFileSync(plainMkv());
    // What is known of a file is not asked again: each has its own.
    const paths = errors.map((name) => join(folder, `${name}.mkv`));
    for (const path of paths) writeFileSync(path, bytes);
    const body = `
      import { statSync } from "node:fs";
      const [paths, from, numbers] = args;
      const pool = new DecoderPool({ workers: 1 });
      const outcome = [];
      for (const [i, path] of paths.entries()) {
        process.env.FAIL_INODE = String(statSync(path).ino);
        process.env.FAIL_ERRNO = String(numbers[i]);
        process.env.FAIL_FROM = String(from);
        outcome.push(await pool.openVideo(path).then((video) => video.length, (error) => error.code));
        process.env.FAIL_FROM = String(2 ** 40);
        outcome.push(await pool.openVideo(path).then((video) => video.length, (error) => error.code));
      }
      report(outcome);
      await pool.close();`;
    const numbers = errors.map((name) => constants.errno[name]);
    const [outcome] = await reportsOf(body, [paths, Math.floor(bytes.length / 2), numbers], {
      env: { LD_PRELOAD: compiled },
    });
    assert.deepEqual(
      outcome,
      errors.flatMap(() => ["E_IO", plain.frames]),
    );
  });
} else {
  test("NOT CHECKED HERE: no C compiler to make local reads fail with", (context) => context.diagnostic("no compiler"));
}
