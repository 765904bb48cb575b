import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileIdentity } from "../../src/protocol/file-identity.js";

const numbers = { dev: 65_024n, ino: 5_448_230n, size: 2341n, mtimeNs: 1_795_935_877_488_104_314n };

/** Whether it is one file for a runtime that names itself so, asked in a process of its own. */
function isSame(runtime: string, one: object, other: object): boolean {
  const module = new URL("../../src/protocol/file-identity.js", import.meta.url).href;
  const text = (file: object): string =>
    `{ ${Object.entries(file)
      .map(([name, value]) => `${name}: ${String(value)}n`)
      .join(", ")} }`;
  const program = `${runtime}; const { fileIdentity } = await import(${JSON.stringify(module)});
    process.exitCode = fileIdentity(${text(one)}) === fileIdentity(${text(other)}) ? 10 : 11;`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  assert.ok(status === 10 || status === 11, stderr);
  return status === 10;
}

describe("which version a file is", () => {
  it("changes with every one of its numbers", () => {
    const identity = fileIdentity(numbers);
    for (const name of ["dev", "ino", "size", "mtimeNs"] as const) {
      assert.notEqual(fileIdentity({ ...numbers, [name]: numbers[name] + 1n }), identity, name);
    }
  });

  it("is the same with the sign that a runtime gives a large inode, and without", () => {
    const ino = 0x8005_0000_0001_2345n;
    assert.equal(fileIdentity({ ...numbers, ino }), fileIdentity({ ...numbers, ino: ino - (1n << 64n) }));
  });

  it("is the same where fs.stat knows milliseconds only, as in Deno, and the native layer nanoseconds", () => {
    const whole = { ...numbers, mtimeNs: 1_795_935_877_488_000_000n };
    const later = { ...numbers, mtimeNs: 1_795_935_877_489_000_000n };
    assert.equal(isSame("globalThis.Deno = {}", numbers, whole), true);
    assert.equal(isSame("globalThis.Deno = {}", numbers, later), false);
    assert.equal(isSame("", numbers, whole), false);
  });

  it("is the same where Windows gives the volume's number in 32 bits here and in 64 there", () => {
    const windows = 'Object.defineProperty(process, "platform", { value: "win32" })';
    const wide = { ...numbers, dev: numbers.dev + (7n << 32n) };
    assert.equal(isSame(windows, numbers, wide), true);
    assert.equal(isSame("", numbers, wide), false);
  });
});
