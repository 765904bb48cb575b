import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Progress } from "../../src/cli/progress.js";

const clear = "\r\x1b[2K";

interface Screen {
  readonly progress: Progress;
  /** What was written since the last call. */
  readonly written: () => string;
  /** Lets the next redraw happen. */
  readonly redraw: () => void;
}

function screen({ mock }: TestContext, isTTY: boolean, columns = 200): Screen {
  mock.timers.enable({ apis: ["setInterval"] });
  let text = "";
  const write = (chunk: string | Uint8Array): boolean => {
    text += String(chunk);
    return true;
  };
  const progress = new Progress({ isTTY, columns, write });
  const written = (): string => {
    const before = text;
    text = "";
    return before;
  };
  return { progress, written, redraw: () => mock.timers.tick(200) };
}

test("on a terminal one line shows files, frames, speed and the time left", (context) => {
  const { progress, written, redraw } = screen(context, true);
  const inputs: { count: number | undefined } = { count: undefined };
  progress.follow(inputs);
  const file = {};
  progress.plan(file, 4);
  progress.addFrames(file, 1);
  progress.addFrames(file, 1);
  redraw();
  assert.match(written(), /^\r\x1b\[2K0 files {2}2 frames {2}[\d.]+ frames\/s$/);
  inputs.count = 2;
  redraw();
  assert.match(written(), /^\r\x1b\[2K\[#{6}-{18}\] {2}0\/2 files {2}2 frames {2}[\d.]+ frames\/s {2}0:\d\d left$/);
  progress.finishFile(file);
  redraw();
  assert.match(written(), /\[#{12}-{12}\] {2}1\/2 files/);
  progress.close();
  assert.equal(written(), clear);
  redraw();
  assert.equal(written(), "");
});

test("files that were there already do not make the rest look faster", (context) => {
  const { progress, written, redraw } = screen(context, true);
  progress.follow({ count: 4 });
  progress.skipFile();
  progress.skipFile();
  progress.finishFile({});
  redraw();
  assert.match(written(), /\[#{12}-{12}\] {2}3\/4 files/);
});

test("a message takes the place of the line, which is drawn again below it", (context) => {
  const { progress, written, redraw } = screen(context, true);
  progress.follow({ count: 1 });
  redraw();
  written();
  progress.say("talk.mp4: no such file (E_NOT_FOUND)");
  assert.equal(written(), `${clear}framepool: talk.mp4: no such file (E_NOT_FOUND)\n`);
  redraw();
  assert.match(written(), /0\/1 file/);
});

test("the line never wraps", (context) => {
  const { progress, written, redraw } = screen(context, true, 30);
  progress.follow({ count: 1000 });
  redraw();
  assert.equal(written().length, clear.length + 29);
});

test("without a terminal there are messages only", (context) => {
  const { progress, written, redraw } = screen(context, false);
  progress.follow({ count: 1 });
  redraw();
  progress.say("done");
  progress.close();
  assert.equal(written(), "framepool: done\n");
});
