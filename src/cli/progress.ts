import { clock } from "./clock.js";
import type { Inputs } from "./inputs.js";
import { plural } from "./messages.js";

const redrawMs = 200;
const barWidth = 24;

type Terminal = Pick<NodeJS.WriteStream, "columns" | "isTTY" | "write">;

/** What goes to stderr: messages, and below them one line of progress where it is a terminal. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #started = performance.now();
  readonly #shares = new Map<object, { planned: number; done: number }>();
  readonly #timer: NodeJS.Timeout | undefined;
  #inputs: Pick<Inputs, "count"> | undefined;
  #filesDone = 0;
  #filesSkipped = 0;
  #frames = 0;
  #drawn = false;

  constructor(terminal: Terminal = process.stderr) {
    this.#terminal = terminal;
    if (terminal.isTTY) this.#timer = setInterval(() => this.#draw(), redrawMs).unref();
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** A whole line that stays. */
  say(message: string): void {
    this.#erase();
    this.#terminal.write(`framepool: ${message}\n`);
  }

  /** The files to come. */
  follow(inputs: Pick<Inputs, "count">): void {
    this.#inputs = inputs;
  }

  /** A file has frames to come: how far it is counts for the time left. */
  plan(file: object, frames: number): void {
    this.#shares.set(file, { planned: frames, done: 0 });
  }

  addFrames(file: object, frames: number): void {
    this.#frames += frames;
    const share = this.#shares.get(file);
    if (share !== undefined) share.done += frames;
  }

  finishFile(file: object): void {
    this.#shares.delete(file);
    this.#filesDone += 1;
  }

  /** It takes no time, so it says nothing of the time left. */
  skipFile(): void {
    this.#filesSkipped += 1;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #erase(): void {
    if (this.#drawn) this.#terminal.write("\r\x1b[2K");
    this.#drawn = false;
  }

  #draw(): void {
    const line = this.#line().slice(0, this.#terminal.columns - 1);
    this.#terminal.write(`\r\x1b[2K${line}`);
    this.#drawn = true;
  }

  #line(): string {
    const { seconds } = this;
    const rate = seconds > 0 ? `${(this.#frames / seconds).toFixed(1)} frames/s` : "";
    const frames = plural(this.#frames, "frame");
    const files = this.#inputs?.count;
    const done = this.#filesDone + this.#filesSkipped;
    if (files === undefined) return `${plural(done, "file")}  ${frames}  ${rate}`;
    const share = this.#share(files - this.#filesSkipped);
    const filled = Math.round(share * barWidth);
    const bar = `[${"#".repeat(filled)}${"-".repeat(barWidth - filled)}]`;
    const left = share > 0 ? `  ${clock((seconds / share) * (1 - share), 0)} left` : "";
    return `${bar}  ${done}/${plural(files, "file")}  ${frames}  ${rate}${left}`;
  }

  #share(files: number): number {
    const started = [...this.#shares.values()].reduce((sum, { planned, done }) => sum + Math.min(1, done / planned), 0);
    return files === 0 ? 1 : Math.min(1, (this.#filesDone + started) / files);
  }
}
