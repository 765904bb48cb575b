import { readdirSync } from "node:fs";

/** Names of the pictures in a folder and below it, in the order of their frames. */
export function picturesIn(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".jpg")).sort();
}
