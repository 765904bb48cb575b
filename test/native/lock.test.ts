import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "framepool-lock-"));
const script = new URL("../../../native/lock.mjs", import.meta.url).href;
const pause = new URL("../support/pause.js", import.meta.url).href;

const children: ReturnType<typeof spawn>[] = [];

after(() => {
  // Those of a test that failed.
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

/** A process that holds the lock, and makes files: `name`-in when it has it, and `name`-out when it has done its work, once `name`-go is there. */
function holder(name: string, ...node: string[]): ReturnType<typeof spawn> {
  const at = (sign: string): string => JSON.stringify(join(folder, `${name}-${sign}`));
  const code = `
    import { existsSync, writeFileSync } from "node:fs";
    import { setTimeout } from "node:timers/promises";
    import { withLock } from ${JSON.stringify(script)};
    await withLock(${JSON.stringify(join(folder, "lock"))}, { waitingFor: "another", expiresMs: 60_000 }, async () => {
      writeFileSync(${at("in")}, "");
      while (!existsSync(${at("go")})) await setTimeout(5);
      writeFileSync(${at("out")}, "");
    });`;
  const env = { ...process.env, FRAMEPOOL_TEST_PAUSE: `kill=${folder}` };
  const child = spawn(process.execPath, [...node, "--input-type=module", "--eval", code], { stdio: "ignore", env });
  children.push(child);
  return child;
}

const has = (sign: string): boolean => existsSync(join(folder, sign));
const tell = (sign: string): void => {
  writeFileSync(join(folder, sign), "");
};

test("of two processes that find the lock of a dead one at the same time, one waits for the other", async () => {
  const dead = holder("dead");
  await until(() => has("dead-in"));
  dead.kill("SIGKILL");
  await once(dead, "exit");
  // It has looked, and not taken it yet.
  const late = holder("late", "--import", pause);
  await until(() => has("reached"));
  const first = holder("first");
  await until(() => has("first-in"));
  tell("go");
  tell("late-go");
  await until(() => has("again") || has("late-in"));
  assert.equal(has("late-in"), false);
  tell("first-go");
  await Promise.all([once(first, "exit"), once(late, "exit")]);
  assert.equal(has("late-out"), true);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("lock")),
    [],
  );
});
