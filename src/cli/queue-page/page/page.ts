import { clock } from "../../clock.js";
import { element, fillList, withText } from "../../view/page/dom.js";
import type { Answer, QueueFacts, ShardLine } from "../answers.js";

/** After an answer, until it is asked again. */
const pauseMs = 1000;
const mostPictures = 12;

const states: Readonly<Record<ShardLine["state"], string>> = {
  active: "under way",
  done: "done",
  failed: "given up",
  waiting: "waiting",
};

function show(facts: QueueFacts): void {
  const { name, waiting, active, done, failed, samples, failures, rate, secondsLeft, shards } = facts;
  const all = waiting + active + done + failed;
  element("name", HTMLElement).textContent = name;
  const bar = element("bar", HTMLProgressElement);
  bar.max = Math.max(1, all);
  bar.value = done;
  const left = secondsLeft === undefined || secondsLeft === 0 ? "" : `, ${clock(secondsLeft, 0)} left`;
  element("summary", HTMLElement).textContent = `${String(done)} of ${String(all)} shards${left}`;
  document.title = `${String(done)} of ${String(all)} · framepool queue`;
  fillList(element("counts", HTMLDListElement), [
    ["Under way", String(active)],
    ["Waiting", String(waiting)],
    ["Given up", String(failed)],
    ["Samples", String(samples)],
    ["Shards a second", rate.toFixed(2)],
    ...Object.entries(failures).map(([code, count]) => [code, String(count)] as const),
  ]);
  element("shards", HTMLElement).replaceChildren(...shards.map(rowOf));
  const made = shards.filter(({ state, samples: count = 0 }) => state === "done" && count > 0);
  if (facts.pictures) showPictures(made.slice(0, mostPictures));
}

function rowOf({ shard, to, state, samples, failures = 0, inputs, attempts, code, message }: ShardLine): HTMLElement {
  const row = document.createElement("tr");
  const bad = failures > 0 ? `${String(failures)} could not be read` : "";
  const wrong = code === undefined ? bad : `${message ?? ""} (${code})`;
  const cells = [`${to}/${shard}`, states[state], samples ?? "", inputs, attempts, wrong];
  row.append(...cells.map((text) => withText("td", String(text))));
  if (state === "failed") row.lastElementChild?.classList.add("failed");
  return row;
}

/** Those that are there already stay: nothing flickers, and nothing is asked for twice. */
const figures = new Map<string, HTMLElement>();

function showPictures(shards: readonly ShardLine[]): void {
  const wanted = shards.map(({ id, shard }) => {
    const known = figures.get(id);
    if (known !== undefined) return known;
    const figure = document.createElement("figure");
    const image = document.createElement("img");
    image.alt = `A picture of shard ${shard}`;
    image.src = `picture?${new URLSearchParams({ id })}`;
    // It has none, or it is not to be had from here.
    image.addEventListener("error", () => (figure.hidden = true));
    figure.append(image, withText("figcaption", shard));
    figures.set(id, figure);
    return figure;
  });
  element("latest", HTMLElement).hidden = wanted.length === 0;
  const list = element("pictures", HTMLElement);
  if (wanted.some((figure, i) => list.children[i] !== figure)) list.replaceChildren(...wanted);
}

async function update(): Promise<void> {
  const complaint = element("error", HTMLElement);
  try {
    const response = await fetch("queue");
    if (!response.ok) throw new Error((await response.text()).trim());
    const answer = (await response.json()) as Answer;
    if ("error" in answer) throw new Error(`${answer.error.message} (${answer.error.code})`);
    complaint.hidden = true;
    show(answer);
  } catch (error) {
    complaint.hidden = false;
    complaint.textContent = `What is below is old: ${error instanceof Error ? error.message : String(error)}`;
  }
}

for (;;) {
  await update();
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
