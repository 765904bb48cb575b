import { clock } from "../../clock.js";
import type { TimeLine } from "../time-line.js";
import { element } from "./dom.js";
import { bytesText, kindWords } from "./words.js";

/** Of the drawing, in CSS pixels. */
const axisHeight = 18;
const keyHeight = 10;
const leastBetweenKeys = 9;
/** Of the closest zoom. */
const leastFrames = 12;

/** The time line: a slider over the frames, drawn as the bytes of each. */
export class TimeLineView {
  readonly #slider = element("time-line", HTMLElement);
  readonly #canvas = element("bars", HTMLCanvasElement);
  readonly #scale = element("scale", HTMLElement);
  readonly #readout = element("readout", HTMLElement);
  readonly #go: (frame: number) => void;
  #line: TimeLine | undefined;
  #frames = 0;
  #current = 0;
  #hovered: number | undefined;
  #from = 0;
  #to = 0;
  #drawing = false;

  /** `go` is told which frame somebody points at. */
  constructor(go: (frame: number) => void) {
    this.#go = go;
    this.#slider.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#slider.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    this.#slider.addEventListener("pointermove", (event) => {
      if (this.#slider.hasPointerCapture(event.pointerId)) this.#point(event);
      this.#hover(this.#frameAt(event.clientX));
    });
    this.#slider.addEventListener("pointerleave", () => this.#hover(undefined));
    this.#slider.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  /** Without a time line there is nothing but where one is. */
  show(line: TimeLine | undefined, frames: number): void {
    this.#line = line;
    this.#frames = frames;
    this.#slider.setAttribute("aria-valuemax", String(Math.max(0, frames - 1)));
    this.zoom(0);
  }

  set current(frame: number) {
    this.#current = frame;
    this.#slider.setAttribute("aria-valuenow", String(frame));
    this.#slider.setAttribute("aria-valuetext", this.#describe(frame));
    const shown = this.#to - this.#from;
    if (frame < this.#from || frame >= this.#to) this.#window(frame - shown / 2, shown);
    if (this.#hovered === undefined) this.#readout.textContent = this.#describe(frame);
    this.#draw();
  }

  /** So many times closer, around `at` (by default where one is); 0: all of it. */
  zoom(factor: number, at = this.#current): void {
    const shown = factor === 0 ? this.#frames : (this.#to - this.#from) / factor;
    const place = (at - this.#from) / Math.max(1, this.#to - this.#from);
    this.#window(at - place * shown, shown);
    this.#draw();
  }

  #window(from: number, shown: number): void {
    const frames = Math.round(Math.min(this.#frames, Math.max(shown, leastFrames)));
    this.#from = Math.round(Math.max(0, Math.min(from, this.#frames - frames)));
    this.#to = this.#from + frames;
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (event.ctrlKey) {
      this.zoom(event.deltaY < 0 ? 1.25 : 0.8, this.#frameAt(event.clientX));
      return;
    }
    const shown = this.#to - this.#from;
    this.#window(this.#from + (event.deltaX * shown) / this.#canvas.clientWidth, shown);
    this.#draw();
  }

  #frameAt(clientX: number): number {
    const { left, width } = this.#canvas.getBoundingClientRect();
    const frame = Math.floor(this.#from + ((clientX - left) / width) * (this.#to - this.#from));
    return Math.max(0, Math.min(frame, this.#frames - 1));
  }

  #point(event: PointerEvent): void {
    if (this.#frames > 0) this.#go(this.#frameAt(event.clientX));
  }

  #hover(frame: number | undefined): void {
    this.#hovered = frame;
    this.#readout.textContent = this.#describe(frame ?? this.#current);
    this.#draw();
  }

  #describe(frame: number): string {
    const line = this.#line;
    if (line === undefined) return `Frame ${frame}`;
    const pts = line.ptsOf(frame);
    const time = pts === undefined ? [] : [clock(pts)];
    return [`Frame ${frame}`, ...time, kindWords[line.kindOf(frame)], bytesText(line.bytesOf(frame))].join(" · ");
  }

  /** Once for all that changes until the next picture of the screen. */
  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#paint();
    });
  }

  #paint(): void {
    const context = this.#canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (context === null || width === 0) return;
    const scale = devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(this.#slider);
    const colour = (name: string): string => style.getPropertyValue(`--${name}`);
    context.font = `11px ${style.fontFamily}`;
    const xOf = (frame: number): number => ((frame - this.#from) / Math.max(1, this.#to - this.#from)) * width;
    const bottom = height - axisHeight;
    if (this.#line !== undefined) this.#paintBars(context, this.#line, width, bottom, xOf, colour);
    this.#paintAxis(context, width, height, xOf, colour);
    if (this.#hovered !== undefined) mark(context, xOf(this.#hovered), xOf(this.#hovered + 1), bottom, colour("hover"));
    if (this.#frames > 0) mark(context, xOf(this.#current), xOf(this.#current + 1), bottom, colour("playhead"));
  }

  #paintBars(
    context: CanvasRenderingContext2D,
    line: TimeLine,
    width: number,
    bottom: number,
    xOf: (frame: number) => number,
    colour: (name: string) => string,
  ): void {
    const columns = line.columns(this.#from, this.#to, width / 2);
    const most = columns.reduce((bytes, { withHidden }) => Math.max(bytes, withHidden), 1);
    // By the square root: key frames are so much larger that beside them all others would look alike.
    const topOf = (bytes: number): number => bottom - Math.sqrt(bytes / most) * (bottom - keyHeight);
    this.#scale.textContent = `tallest ${bytesText(most)}, by square root`;
    for (const { from, to, largest, withHidden } of columns) {
      // On whole pixels, or the edges of neighbours show through each other.
      const left = Math.round(xOf(from) * devicePixelRatio) / devicePixelRatio;
      const own = Math.round(xOf(to) * devicePixelRatio) / devicePixelRatio - left;
      const bar = own > 2.5 ? own - 1 : own;
      const paint = (bytes: number, name: string): void => {
        context.fillStyle = colour(name);
        context.fillRect(left, topOf(bytes), bar, bottom - topOf(bytes));
      };
      if (withHidden > Math.max(...Object.values(largest))) paint(withHidden, "hidden");
      // The smaller in front of the larger.
      const kinds = (["key", "forward", "reordered"] as const).toSorted((a, b) => largest[b] - largest[a]);
      for (const kind of kinds) paint(largest[kind], kind);
    }
    this.#paintKeys(context, line, xOf, colour("key"));
  }

  /** Where key frames are far enough from each other to be told apart. */
  #paintKeys(context: CanvasRenderingContext2D, line: TimeLine, xOf: (frame: number) => number, colour: string): void {
    const keys = line.keyFrames.filter((frame) => frame >= this.#from && frame < this.#to);
    if (xOf(this.#to) / keys.length < leastBetweenKeys) return;
    for (const frame of keys) triangle(context, (xOf(frame) + xOf(frame + 1)) / 2, 2, colour);
  }

  #paintAxis(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    xOf: (frame: number) => number,
    colour: (name: string) => string,
  ): void {
    const step = niceStep(((this.#to - this.#from) * 110) / width);
    context.fillStyle = colour("axis");
    context.textBaseline = "bottom";
    for (let frame = Math.ceil(this.#from / step) * step; frame < this.#to; frame += step) {
      const pts = this.#line?.ptsOf(frame);
      const text = pts === undefined ? String(frame) : `${frame} · ${clock(pts, 1)}`;
      const x = xOf(frame);
      if (x + context.measureText(text).width > width) break;
      context.fillRect(x, height - axisHeight, 1, 4);
      context.fillText(text, x + (x === 0 ? 0 : 3), height);
    }
  }
}

/** 1, 2 or 5 times a power of ten, at least. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((digit) => digit * power).find((step) => step >= least) ?? 10 * power;
}

/** A frame, or a line where frames are too narrow to be seen. */
function mark(context: CanvasRenderingContext2D, left: number, right: number, bottom: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  const width = right - left;
  if (width > 6) context.strokeRect(left, 1, width - 1, bottom);
  else context.strokeRect(Math.max(1, (left + right) / 2), 1, 0, bottom);
}

function triangle(context: CanvasRenderingContext2D, x: number, top: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x - 3.5, top);
  context.lineTo(x + 3.5, top);
  context.lineTo(x, top + 6);
  context.fill();
}
