import { spawn } from "node:child_process";
import { once } from "node:events";

/** Has the system show an address in the person's browser. Rejects where it has nothing that does. */
export async function openBrowser(address: string): Promise<void> {
  const [command, ...args] = opener();
  const child = spawn(command, [...args, address], { stdio: "ignore", detached: true });
  await once(child, "spawn");
  child.unref();
}

function opener(): readonly [string, ...string[]] {
  if (process.platform === "darwin") return ["open"];
  if (process.platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
