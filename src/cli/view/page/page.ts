import { clock } from "../../clock.js";
import type { Answer, FileFacts, FrameFacts, PacketColumns, VideoFacts } from "../answers.js";
import { type Target, commandCall, libraryCall } from "../calls.js";
import { TimeLine } from "../time-line.js";
import { type Picture, ask, askOf, pictureAddress } from "./ask.js";
import { copyWhenAsked } from "./copying.js";
import { element, fillList } from "./dom.js";
import { listenToKeys } from "./keys.js";
import { Latest } from "./latest.js";
import { placeInAddress, rememberPlace } from "./place.js";
import { PictureView } from "./picture-view.js";
import { Player } from "./player.js";
import { TimeLineView } from "./time-line-view.js";
import { bytesText, kindWords, parseTime, secondsText, videoRows } from "./words.js";

const exact = new PictureView("exact");
const approximate = new PictureView("approximate");
const timeLineView = new TimeLineView((index) => go({ by: "index", index }));
const indexField = element("index", HTMLInputElement);
const timeField = element("time", HTMLInputElement);
const compare = element("compare", HTMLButtonElement);
const verdict = element("verdict", HTMLElement);
const save = element("save", HTMLAnchorElement);
const play = element("play", HTMLButtonElement);

let file: FileFacts | undefined;
let video: VideoFacts | undefined;
/** The stream that is decoded where nobody chooses. */
let usual: number | undefined;
let line: TimeLine | undefined;
let target: Target = { by: "index", index: 0 };
/** The frame that one is at: by its number at once, by a time when its picture is there. */
let current = 0;
let shown: FrameFacts | undefined;

const pictures = new Latest<Target>(load);

async function load(wanted: Target, signal: AbortSignal): Promise<void> {
  const stream = video?.streamIndex;
  if (stream === undefined) return;
  const [first, second] = await Promise.all([
    exact.load(stream, wanted, signal),
    isComparing() ? approximate.load(stream, wanted, signal) : undefined,
  ]);
  verdict.textContent = isComparing() ? await verdictOn(first, second) : "";
  // What cannot be shown is to be read.
  if (first === undefined) player.stop();
  // Something newer may be on its way: then the fields are that one's.
  if (wanted !== target) return;
  shown = first?.facts;
  describe();
  if (wanted.by === "time") player.moved();
}

function isComparing(): boolean {
  return compare.getAttribute("aria-pressed") === "true";
}

const player = new Player({
  get current() {
    return current;
  },
  get frames() {
    return video?.numFrames ?? 0;
  },
  get isReady() {
    return pictures.isIdle;
  },
  timeOf: (frame) => timeOf(frame),
  show: (index) => show({ by: "index", index }),
  changed(isPlaying) {
    play.textContent = isPlaying ? "Pause" : "Play";
    // Not with each frame: browsers allow for so many changes of the address and no more.
    if (!isPlaying) rememberPlace(target);
  },
});

/** Where packets do not say it, by the average rate. */
function timeOf(frame: number): number {
  const { numFrames = 0, averageFps = null, beginStreamSeconds = 0, endStreamSeconds = null } = video ?? {};
  const reckoned = beginStreamSeconds + frame / (averageFps ?? 25);
  return frame === numFrames ? (endStreamSeconds ?? reckoned) : (line?.ptsOf(frame) ?? reckoned);
}

/** Where somebody wants to be. */
function go(wanted: Target): void {
  show(wanted);
  rememberPlace(target);
  player.moved();
}

/** Goes to a frame; a number beyond the ends is the end's. */
function show(wanted: Target): void {
  if (video === undefined) return;
  target = wanted;
  if (wanted.by === "index") {
    const index = Math.max(0, Math.min(Math.round(wanted.index), video.numFrames - 1));
    target = { by: "index", index };
    current = index;
    indexField.value = String(index);
    timeLineView.current = index;
  }
  showCalls();
  pictures.want(target);
}

function describe(): void {
  save.hidden = shown === undefined;
  element("frame", HTMLElement).hidden = shown === undefined;
  if (shown === undefined) return;
  const { index, ptsSeconds, durationSeconds, status } = shown;
  current = index;
  indexField.value = String(index);
  if (target.by === "index") timeField.value = String(Number(ptsSeconds.toFixed(6)));
  timeLineView.current = index;
  save.download = `${file?.stem ?? "frame"}-${String(index).padStart(6, "0")}.png`;
  fillList(element("frame-facts", HTMLDListElement), [
    ["Frame", `${index} of ${video?.numFrames ?? "?"}`],
    ["Time (pts)", `${secondsText(ptsSeconds)} · ${clock(ptsSeconds)}`],
    ["Duration", secondsText(durationSeconds)],
    ["Until", secondsText(ptsSeconds + durationSeconds)],
    ["Picture", status],
    ...(line === undefined ? [] : packetRows(line, index)),
  ]);
}

function packetRows(of: TimeLine, index: number): (readonly [string, string])[] {
  const key = of.keyFrameBefore(index);
  const packets = of.packetsOf(index).map((packet) => {
    const { size, dts } = of.packet(packet);
    return `#${packet}, ${bytesText(size)}${dts === null ? "" : `, dts ${secondsText(dts)}`}`;
  });
  const since = key === undefined ? "none before it" : `${index - key} after key frame ${key}`;
  return [
    ["Key frame", key === index ? "yes" : `no, ${since}`],
    ["Type", kindWords[of.kindOf(index)]],
    [packets.length === 1 ? "Packet" : "Packets", packets.join("; ") || "none of its own"],
  ];
}

async function verdictOn(first: Picture | undefined, second: Picture | undefined): Promise<string> {
  if (first === undefined || second === undefined) return "";
  const { index, ptsSeconds } = second.facts;
  const sameTime = ptsSeconds === first.facts.ptsSeconds;
  const time = sameTime ? "" : `; its time is off by ${((ptsSeconds - first.facts.ptsSeconds) * 1000).toFixed(1)} ms`;
  const number = index === first.facts.index ? "" : `; it counts as frame ${index}`;
  return `${(await sameBytes(first.file, second.file)) ? "The same picture" : "Different pictures"}${time}${number}.`;
}

async function sameBytes(one: Blob, other: Blob): Promise<boolean> {
  if (one.size !== other.size) return false;
  const [a, b] = await Promise.all([one, other].map(async (blob) => new Uint8Array(await blob.arrayBuffer())));
  return a !== undefined && b !== undefined && a.every((byte, i) => byte === b[i]);
}

function showCalls(): void {
  if (file === undefined || video === undefined) return;
  const chosen = video.streamIndex === usual ? undefined : video.streamIndex;
  element("library-call", HTMLElement).textContent = libraryCall(file.name, chosen, target);
  const command = commandCall(file.name, chosen, target);
  element("command", HTMLElement).hidden = command === undefined;
  element("command-call", HTMLElement).textContent = command ?? "";
  save.href = pictureAddress(video.streamIndex, "exact", target, "png");
}

function step(frames: number): void {
  go({ by: "index", index: current + frames });
}

/** To the key frame before or after; where there is none, to the end. */
function stepKey(direction: -1 | 1): void {
  const end = direction < 0 ? 0 : (video?.numFrames ?? 1) - 1;
  const key = direction < 0 ? line?.keyFrameBefore(current - 1) : line?.keyFrameAfter(current);
  go({ by: "index", index: key ?? end });
}

const actions = {
  play: () => player.toggle(),
  first: () => go({ by: "index", index: 0 }),
  "previous-key": () => stepKey(-1),
  previous: () => step(-1),
  next: () => step(1),
  "next-key": () => stepKey(1),
  last: () => go({ by: "index", index: (video?.numFrames ?? 1) - 1 }),
  closer: () => timeLineView.zoom(2),
  farther: () => timeLineView.zoom(0.5),
  whole: () => timeLineView.zoom(0),
} as const;

/** What there is to do with a stream that was opened. */
function enable(isOpen: boolean): void {
  element("controls", HTMLFieldSetElement).disabled = !isOpen;
  for (const id of ["call", "video", "packets"]) element(id, HTMLElement).hidden = !isOpen;
}

/** Opens a stream, by default the usual one, and goes where one was. */
async function choose(stream: number | undefined): Promise<void> {
  player.stop();
  const query = stream === undefined ? {} : { stream: String(stream) };
  const answer: Answer<VideoFacts> = await ask<VideoFacts>("video", query);
  line = undefined;
  if ("error" in answer) {
    video = undefined;
    exact.fail(answer.error);
    shown = undefined;
    describe();
    enable(false);
    return;
  }
  video = answer;
  enable(true);
  usual ??= stream === undefined ? answer.streamIndex : undefined;
  element("stream", HTMLSelectElement).value = String(answer.streamIndex);
  element("count", HTMLElement).textContent = `of ${answer.numFrames}`;
  indexField.max = String(answer.numFrames - 1);
  fillList(element("video-facts", HTMLDListElement), videoRows(answer, file?.container ?? ""));
  timeLineView.show(undefined, answer.numFrames);
  go(target);
  const packets: Answer<PacketColumns> = await ask<PacketColumns>("packets", { stream: String(answer.streamIndex) });
  // Another stream may have been chosen meanwhile.
  if (video !== answer) return;
  const problem = element("time-line-error", HTMLElement);
  problem.textContent = "error" in packets ? `${packets.error.code}: ${packets.error.message}` : "";
  if ("error" in packets) return;
  line = new TimeLine(packets, answer.numFrames);
  timeLineView.show(line, answer.numFrames);
  timeLineView.current = current;
  describe();
}

async function begin(): Promise<void> {
  const facts = await ask<FileFacts>("file");
  if ("error" in facts) {
    exact.fail(facts.error);
    return;
  }
  file = facts;
  askOf(facts.opening, () => (element("changed", HTMLElement).hidden = false));
  const name = element("name", HTMLElement);
  // Of a path or an address the last part says most.
  name.textContent = facts.name.split(/[/\\]/).findLast((part) => part !== "") ?? facts.name;
  name.title = facts.name;
  document.title = `${name.textContent} – framepool view`;
  const streams = element("stream", HTMLSelectElement);
  streams.replaceChildren(...facts.streams.map(({ streamIndex, label }) => new Option(label, String(streamIndex))));
  element("stream-choice", HTMLElement).hidden = facts.streams.length < 2;
  streams.addEventListener("change", () => void choose(Number(streams.value)));
  target = placeInAddress() ?? target;
  await choose(undefined);
}

for (const [id, act] of Object.entries(actions)) element(id, HTMLButtonElement).addEventListener("click", act);
listenToKeys({ ...actions, step });
for (const id of ["by-index", "by-time"]) {
  // The fields say themselves when they were changed.
  element(id, HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
}
indexField.addEventListener("change", () => {
  const index = indexField.valueAsNumber;
  if (!Number.isNaN(index)) go({ by: "index", index: index < 0 ? (video?.numFrames ?? 0) + index : index });
});
timeField.addEventListener("change", () => {
  const seconds = parseTime(timeField.value);
  timeField.setAttribute("aria-invalid", String(seconds === undefined));
  if (seconds !== undefined) go({ by: "time", seconds });
});
compare.addEventListener("click", () => {
  compare.setAttribute("aria-pressed", String(!isComparing()));
  approximate.hidden = !isComparing();
  pictures.want(target);
});
element("reload", HTMLButtonElement).addEventListener("click", () => location.reload());
copyWhenAsked("copy-library", "library-call");
copyWhenAsked("copy-command", "command-call");
addEventListener("hashchange", () => {
  const place = placeInAddress();
  if (place !== undefined) go(place);
});
begin().catch(() => exact.fail({ code: "no answer", message: "framepool view does not answer: was it ended?" }));
