import { clock } from "../../clock.js";
import type { FileError, FrameFacts, Mode } from "../answers.js";
import type { Target } from "../calls.js";
import { type Picture, askPicture } from "./ask.js";
import { element, withText } from "./dom.js";

/** How long a picture may take until the page says that it waits. */
const waitMs = 150;

/** One of the two pictures that may be side by side, with what is said of it. */
export class PictureView {
  readonly #mode: Mode;
  readonly #figure: HTMLElement;
  readonly #image: HTMLImageElement;
  readonly #caption: HTMLElement;
  readonly #error: HTMLElement;

  constructor(mode: Mode) {
    this.#mode = mode;
    this.#figure = element(mode, HTMLElement);
    this.#image = element(`${mode}-image`, HTMLImageElement);
    this.#caption = element(`${mode}-caption`, HTMLElement);
    this.#error = element(`${mode}-error`, HTMLElement);
  }

  set hidden(hidden: boolean) {
    this.#figure.hidden = hidden;
  }

  /** What is shown then; undefined where it is an error. Rejects when it is aborted. */
  async load(stream: number, target: Target, signal: AbortSignal): Promise<Picture | undefined> {
    const waiting = setTimeout(() => this.#figure.setAttribute("aria-busy", "true"), waitMs);
    try {
      const picture = await askPicture(stream, this.#mode, target, signal);
      if ("error" in picture) {
        this.fail(picture.error);
        return undefined;
      }
      await this.#show(picture);
      return picture;
    } catch (error) {
      if (signal.aborted) throw error;
      this.fail({ code: "no answer", message: "framepool view does not answer: was it ended?" });
      return undefined;
    } finally {
      clearTimeout(waiting);
      this.#figure.removeAttribute("aria-busy");
    }
  }

  fail({ code, message }: FileError): void {
    this.#image.hidden = true;
    this.#caption.textContent = "";
    this.#error.replaceChildren(withText("strong", code), ` ${message}`);
    this.#error.hidden = false;
  }

  async #show({ facts, file }: Picture): Promise<void> {
    const before = this.#image.src;
    this.#image.src = URL.createObjectURL(file);
    await this.#image.decode();
    // Until then the picture before is there to be seen.
    this.#image.alt = `Frame ${facts.index}, ${clock(facts.ptsSeconds)}`;
    URL.revokeObjectURL(before);
    this.#image.hidden = false;
    this.#error.hidden = true;
    this.#caption.textContent = captionOf(this.#mode, facts);
  }
}

function captionOf(mode: Mode, { index, ptsSeconds, status }: FrameFacts): string {
  const name = mode === "exact" ? "Exact" : "Approximate";
  return `${name}: frame ${index}, ${ptsSeconds.toFixed(3)} s${status === "ok" ? "" : `, ${status}`}`;
}
