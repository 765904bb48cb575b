import { fileURLToPath } from "node:url";
import { firstLine } from "../commands.js";
import type { Work } from "../model.js";
import { FfmpegCommand } from "./ffmpeg.js";
import { NodeAvRunner } from "./node-av.js";
import { nodeAvVersion } from "./node-av-api.js";
import { Ours } from "./ours.js";
import type { Runner } from "./runner.js";
import { TorchcodecCold, python, torchcodecScript, torchcodecVersion } from "./torchcodec.js";

export interface Contender {
  /** Family, kind where there are several, and how many at once: "torchcodec-exact-2". */
  readonly name: string;
  readonly family: Family;
  readonly title: string;
  /** Its frame numbers are positions by the average rate: near where the rate is not constant, and said to be so. */
  readonly approximate?: boolean;
  takesPart(kind: Work["kind"]): boolean;
}

export type Family = "ours" | "system" | "torchcodec" | "node-av" | "ffmpeg";

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

const everything = (): boolean => true;
const decodeInOrder = (kind: Work["kind"]): boolean => ["first", "range", "whole"].includes(kind);

export const contenders: readonly Contender[] = [
  ...[1, 2].map((n): Contender => ({
    name: `ours-${n}`,
    family: "ours",
    title: `framepool, ${plural(n, "worker")}`,
    takesPart: everything,
  })),
  ...[1, 2].map((n): Contender => ({
    name: `system-${n}`,
    family: "system",
    title: `framepool built against this system's FFmpeg, ${plural(n, "worker")}`,
    takesPart: everything,
  })),
  ...["exact", "approximate"].flatMap((mode) =>
    [1, 2].map((n): Contender => ({
      name: `torchcodec-${mode}-${n}`,
      family: "torchcodec",
      title: `torchcodec, ${mode}, ${plural(n, "thread")}`,
      approximate: mode === "approximate",
      takesPart: everything,
    })),
  ),
  ...[1, 2].map((n): Contender => ({
    name: `node-av-${n}`,
    family: "node-av",
    title: `node-av, ${plural(n, "thread")}`,
    takesPart: (kind) => kind !== "cold" && kind !== "resized",
  })),
  ...[1, 2].map((n): Contender => ({
    name: `ffmpeg-decode-${n}`,
    family: "ffmpeg",
    title: `ffmpeg -threads ${n}, decode only`,
    takesPart: decodeInOrder,
  })),
  ...[1, 2].map((n): Contender => ({
    name: `ffmpeg-rgb24-${n}`,
    family: "ffmpeg",
    title: `ffmpeg -threads ${n}, to rgb24`,
    takesPart: (kind) => kind === "cold" || decodeInOrder(kind),
  })),
];

/** What takes part under this name on this machine. Throws with the reason where it is not there. */
export function versionOf(family: Family): string {
  switch (family) {
    case "ours":
      return process.env["FRAMEPOOL_ADDON"] === undefined ? "this checkout" : "this checkout, FRAMEPOOL_ADDON";
    case "system":
      if (process.env["FRAMEPOOL_ADDON"] === undefined)
        throw new Error("`ours` is that one: no FRAMEPOOL_ADDON is named");
      return "this checkout";
    case "torchcodec":
      return torchcodecVersion();
    case "node-av": {
      const version = nodeAvVersion();
      if (version === undefined) throw new Error("not installed: bench/peers.sh does it");
      return version;
    }
    case "ffmpeg": {
      const version = firstLine("ffmpeg", ["-version"])?.split(" ")[2];
      if (version === undefined) throw new Error("no ffmpeg command");
      return version;
    }
  }
}

export interface TrialProgram {
  readonly command: string;
  /** The file of its order comes behind these. */
  readonly args: string[];
  readonly environment: NodeJS.ProcessEnv;
}

export function programOf(contender: Contender, work: Work): TrialProgram {
  const interpreter = contender.family === "torchcodec" && work.kind !== "cold" ? python() : undefined;
  if (interpreter !== undefined) return { command: interpreter, args: [torchcodecScript], environment: {} };
  const trial = fileURLToPath(new URL("../trial.js", import.meta.url));
  const environment = contender.family === "system" ? { FRAMEPOOL_ADDON: undefined } : {};
  return { command: process.execPath, args: ["--expose-gc", trial], environment };
}

/** In the process of a trial. */
export async function startRunner(name: string): Promise<Runner> {
  const parallel = Number(name.slice(name.lastIndexOf("-") + 1));
  const family = contenders.find((contender) => contender.name === name)?.family;
  switch (family) {
    case "ours":
    case "system":
      return new Ours(parallel);
    case "node-av":
      return await NodeAvRunner.start(parallel);
    case "ffmpeg":
      return new FfmpegCommand(name.includes("rgb24"), parallel);
    case "torchcodec":
      return new TorchcodecCold(name.includes("exact") ? "exact" : "approximate", parallel);
    case undefined:
      throw new Error(`unknown contender ${name}`);
  }
}
