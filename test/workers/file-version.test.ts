import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { FramepoolError } from "../../src/index.js";
import { fileIdentity } from "../../src/protocol/file-identity.js";
import { fromOneVersion, type NamedFile } from "../../workers/file-version.js";

const folder = mkdtempSync(join(tmpdir(), "framepool-version-"));
after(() => rmSync(folder, { recursive: true }));

function identityOf(path: string): string {
  return fileIdentity(statSync(path, { bigint: true }));
}

function made(name: string): { path: string; identity: string; replace: () => void } {
  const path = join(folder, name);
  writeFileSync(path, "first");
  const replace = (): void => {
    writeFileSync(`${path}.new`, "another one");
    renameSync(`${path}.new`, path);
  };
  return { path, identity: identityOf(path), replace };
}

const isChange = (error: unknown): boolean => error instanceof FramepoolError && error.code === "E_SOURCE_CHANGED";

describe("reading from one version of a file", () => {
  it("gives what was read, and the read's own error, where the file is still the same", () => {
    const { path, identity } = made("same");
    const file = { kind: "file", path } as NamedFile;
    assert.equal(
      fromOneVersion(
        file,
        () => identity,
        () => 7,
      ),
      7,
    );
    const own = new Error("own");
    const fail = (): never => {
      throw own;
    };
    assert.throws(
      () => fromOneVersion(file, () => identity, fail),
      (error) => error === own,
    );
  });

  it("is E_SOURCE_CHANGED where it was replaced while it was read, whatever the read gave", () => {
    for (const fails of [false, true]) {
      const { path, identity, replace } = made(`replaced-${String(fails)}`);
      const read = (): number => {
        replace();
        if (fails) throw new Error("damaged");
        return 7;
      };
      assert.throws(() => fromOneVersion({ kind: "file", path } as NamedFile, () => identity, read), isChange);
    }
  });

  it("goes on with a file that was removed, or whose version nobody knows", () => {
    const { path, identity } = made("removed");
    const file = { kind: "file", path } as NamedFile;
    const read = (): number => {
      rmSync(path, { force: true });
      return 7;
    };
    assert.equal(
      fromOneVersion(file, () => identity, read),
      7,
    );
    writeFileSync(path, "now another");
    assert.equal(
      fromOneVersion(
        file,
        () => null,
        () => 8,
      ),
      8,
    );
  });

  it("goes on where a descriptor's number came to mean another file, and not where its own was written to", () => {
    const { path, identity } = made("descriptor");
    const other = made("other");
    const read = (): number => 7;
    const descriptor = openSync(other.path, "r");
    const reused = { kind: "descriptor", descriptor, identity } as NamedFile;
    assert.equal(
      fromOneVersion(reused, () => identity, read),
      7,
    );
    closeSync(descriptor);
    const own = { kind: "descriptor", descriptor: openSync(path, "r"), identity } as NamedFile & { descriptor: number };
    writeFileSync(path, "written to meanwhile");
    assert.throws(() => fromOneVersion(own, () => identity, read), isChange);
    closeSync(own.descriptor);
  });
});
