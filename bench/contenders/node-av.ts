import type { Work } from "../model.js";
import { NodeAvVideo } from "./node-av-video.js";
import { type NodeAv, loadNodeAv } from "./node-av-api.js";
import { type Digest, type Outcome, type Runner, nothing, onlyFile } from "./runner.js";

/** node-av's synchronous calls, used as someone would who knows FFmpeg: it has no frame numbers and no batches. */
export class NodeAvRunner implements Runner {
  readonly #av: NodeAv;
  readonly #threads: number;

  private constructor(av: NodeAv, threads: number) {
    this.#av = av;
    this.#threads = threads;
  }

  static async start(threads: number): Promise<NodeAvRunner> {
    return new NodeAvRunner(await loadNodeAv(), threads);
  }

  async run(work: Work, files: readonly string[], digest: Digest | null): Promise<Outcome> {
    if (work.kind === "bulk") return this.#bulk(files, work.count, digest);
    if (work.kind === "cold" || work.kind === "resized") throw new Error(`node-av does not take part in ${work.kind}`);
    const video = new NodeAvVideo(this.#av, onlyFile(files), this.#threads);
    const release = async (): Promise<void> => video.close();
    switch (work.kind) {
      case "open":
        return { frames: video.length, ptsSum: null, release };
      case "first":
        return { ...collect(video, [0], 0, digest), release };
      case "frames":
        return { ...collect(video, work.indices, 0, digest), release };
      case "range":
        return { ...collect(video, range(work.stop), 0, digest), release };
      case "whole": {
        let frames = 0;
        let ptsSum = 0;
        video.forEach((frame, seconds) => {
          frames++;
          ptsSum += seconds;
          const [pixels] = (digest === null ? null : frame.data) ?? [];
          if (pixels !== undefined) digest?.add(0, pixels);
        });
        return { frames, ptsSum, release };
      }
    }
  }

  async close(): Promise<void> {
    await nothing();
  }

  #bulk(files: readonly string[], count: number, digest: Digest | null): Outcome {
    const found = files.map((file, item) => {
      const video = new NodeAvVideo(this.#av, file, this.#threads);
      const last = video.length - 1;
      const wanted = Array.from({ length: count }, (_, i) => Math.floor((i * last) / (count - 1)));
      const part = collect(video, wanted, item, digest);
      video.close();
      return part;
    });
    return {
      frames: found.reduce((sum, { frames }) => sum + frames, 0),
      ptsSum: found.reduce((sum, { ptsSum }) => sum + ptsSum, 0),
      release: nothing,
    };
  }
}

const range = (stop: number): number[] => Array.from({ length: stop }, (_, i) => i);

function collect(video: NodeAvVideo, indices: readonly number[], item: number, digest: Digest | null): PartialOutcome {
  const frames = video.framesAt(indices);
  for (const { frame } of digest === null ? [] : frames) {
    const [pixels] = frame.data ?? [];
    if (pixels !== undefined) digest?.add(item, pixels);
  }
  return { frames: frames.length, ptsSum: frames.reduce((sum, { seconds }) => sum + seconds, 0) };
}

interface PartialOutcome {
  readonly frames: number;
  readonly ptsSum: number;
}
