import { DecoderPool, type FrameBatch, type VideoDecoderOptions, transforms } from "../../src/index.js";
import type { Work } from "../model.js";
import { commandLine } from "../paths.js";
import { type ColdProgram, runCold } from "./cold.js";
import { type Digest, type Outcome, type Runner, type Usage, nothing, onlyFile } from "./runner.js";

/** A warm pool; every run opens its file anew. */
export class Ours implements Runner {
  readonly #workers: number;
  readonly #pool: DecoderPool;

  constructor(workers: number) {
    this.#workers = workers;
    this.#pool = new DecoderPool({ workers });
  }

  async run(work: Work, files: readonly string[], digest: Digest | null): Promise<Outcome> {
    if (work.kind === "bulk") return await this.#bulk(files, work.count, digest);
    if (work.kind === "cold") return await runCold(this.#program(onlyFile(files)), digest);
    const decoder = await this.#pool.openVideo(onlyFile(files), optionsOf(work));
    const close = (): Promise<void> => decoder.close();
    switch (work.kind) {
      case "open":
        return { frames: decoder.length, ptsSum: null, release: close };
      case "first": {
        const frame = await decoder.getFrameAt(0);
        digest?.add(0, frame.data);
        return { frames: 1, ptsSum: frame.ptsSeconds, release: releasing(frame, close) };
      }
      case "frames":
      case "resized":
        return batchOutcome(await decoder.getFramesAt(work.indices), digest, close);
      case "range":
        return batchOutcome(await decoder.getFramesInRange(0, work.stop), digest, close);
      case "whole": {
        let frames = 0;
        let ptsSum = 0;
        for await (const frame of decoder) {
          frames++;
          ptsSum += frame.ptsSeconds;
          digest?.add(0, frame.data);
          frame.release();
        }
        return { frames, ptsSum, release: close };
      }
    }
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  /** The hook costs the process a module to load: measured against ourselves. */
  #program(file: string): (folder: string) => ColdProgram {
    const hook = new URL("../usage-hook.js", import.meta.url).href;
    const args = ["frames", file, "--indices", "0", "--format", "png", "--workers", String(this.#workers), "--out"];
    return (folder) => ({
      command: process.execPath,
      args: ["--import", hook, commandLine, ...args, folder],
      usage: (told) => JSON.parse(told) as Usage,
    });
  }

  async #bulk(files: readonly string[], count: number, digest: Digest | null): Promise<Outcome> {
    let frames = 0;
    let ptsSum = 0;
    for await (const { key, batch, error } of this.#pool.extract(files.map((source) => ({ source, count })))) {
      if (batch === undefined) throw error;
      frames += batch.length;
      ptsSum += sum(batch.ptsSeconds);
      digest?.add(key, batch.data);
      batch.release();
    }
    return { frames, ptsSum, release: nothing };
  }
}

function optionsOf(work: Work): VideoDecoderOptions {
  return work.kind === "resized" ? { transforms: [transforms.resize([work.side, work.side])] } : {};
}

function batchOutcome(batch: FrameBatch, digest: Digest | null, close: () => Promise<void>): Outcome {
  digest?.add(0, batch.data);
  return { frames: batch.length, ptsSum: sum(batch.ptsSeconds), release: releasing(batch, close) };
}

function releasing(pixels: { release(): void }, close: () => Promise<void>): () => Promise<void> {
  return async () => {
    pixels.release();
    await close();
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
