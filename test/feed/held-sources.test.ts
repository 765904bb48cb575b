import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type RemoteRegistry, Remotes } from "../../src/feed/held-sources.js";
import type { RemoteSource } from "../../src/sources/byte-source.js";

/** Where sources are registered, and in which order what became of them. */
class Registry implements RemoteRegistry {
  readonly happened: string[] = [];
  #next = 1;

  register(source: RemoteSource): number {
    this.happened.push(`${source.label} registered`);
    return this.#next++;
  }

  unregister(id: number): void {
    this.happened.push(`${String(id)} unregistered`);
  }

  close(): void {
    this.happened.push("registry closed");
  }

  readonly source = (label: string): RemoteSource => ({
    label,
    open: () => Promise.reject(new Error("nobody opens it")),
    readInto: () => 0,
    share: () => Promise.resolve([]),
    close: async () => {
      await Promise.resolve();
      this.happened.push(`${label} closed`);
    },
  });
}

function held(): { readonly registry: Registry; readonly remotes: Remotes<Registry> } {
  const registry = new Registry();
  return { registry, remotes: new Remotes(() => registry) };
}

describe("sources that are asked for their bytes", () => {
  it("are one for all that open one object, and closed once the last of them lets go", async () => {
    const { registry, remotes } = held();
    const object = {};
    const [a, b] = [1, 2].map(() => remotes.acquire(object, "1", () => registry.source("it")));
    assert.ok(a !== undefined && a === b);
    await remotes.release(a);
    assert.deepEqual(registry.happened, ["it registered"]);
    await remotes.release(a);
    assert.deepEqual(registry.happened, ["it registered", "1 unregistered", "it closed"]);
    await remotes.release(a);
    assert.equal(registry.happened.length, 3, "once");
    assert.notEqual(
      remotes.acquire(object, "1", () => registry.source("it again")),
      a,
    );
  });

  it("are others in another version of the object, and of other objects", async () => {
    const { registry, remotes } = held();
    const object = {};
    const first = remotes.acquire(object, "1", () => registry.source("first"));
    const second = remotes.acquire(object, "2", () => registry.source("second"));
    const other = remotes.acquire({}, "1", () => registry.source("other"));
    assert.equal(new Set([first.id, second.id, other.id]).size, 3);
    await remotes.release(first);
    assert.deepEqual(registry.happened.slice(3), ["1 unregistered", "first closed"]);
  });

  it("are all closed with the pool, once nobody can ask for them any more", async () => {
    const { registry, remotes } = held();
    const one = remotes.acquire({}, "", () => registry.source("one"));
    remotes.acquire({}, "", () => registry.source("two"));
    await remotes.close();
    assert.deepEqual(registry.happened.slice(2), ["registry closed", "one closed", "two closed"]);
    await remotes.release(one);
    assert.equal(registry.happened.length, 5, "who lets go later closes nothing again");
  });
});
