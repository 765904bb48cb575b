import { milliseconds } from "./format.js";
import type { Results } from "./model.js";
import type { Row } from "./summary.js";

const width = 760;
const left = 230;
const right = 90;
const barHeight = 16;
const barStep = 20;
const caseGap = 34;
const top = 44;

/** A group of bars for each case, each on a scale of its own: cases differ a hundredfold. */
export function chart(results: Results, rows: readonly Row[]): string {
  const parts: string[] = [];
  let y = top;
  for (const { name, title } of results.cases) {
    const group = rows.filter((row) => row.case === name);
    if (group.length === 0) continue;
    parts.push(`<text class="case" x="8" y="${y + 12}">${escape(title)}</text>`);
    y += barStep;
    const longest = Math.max(...group.map(({ medianMs }) => medianMs));
    for (const row of group) {
      parts.push(...bar(row, y, longest));
      y += barStep;
    }
    y += caseGap - barStep;
  }
  const { environment, quick } = results;
  const heading = `Wall time, median; shorter is better. ${environment.cpu}, ${environment.cores} cores${quick ? "; a quick run" : ""}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img">`,
    `<title>${escape(heading)}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${y}"/>`,
    `<text class="heading" x="8" y="24">${escape(heading)}</text>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function bar(row: Row, y: number, longest: number): string[] {
  const length = Math.max(1, ((width - left - right) * row.medianMs) / longest);
  const family = row.contender.startsWith("ours") ? "ours" : "other";
  const middle = y + barHeight - 4;
  return [
    `<text class="name" x="${left - 8}" y="${middle}">${escape(row.title)}</text>`,
    `<rect class="${family}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
    `<text class="value" x="${(left + length + 6).toFixed(1)}" y="${middle}">${milliseconds(row.medianMs)}</text>`,
  ];
}

/** Pages are shown on light and on dark ground. */
const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.heading { font-size: 13px }
.case { font-weight: 600 }
.name { text-anchor: end }
.page { fill: #ffffff }
.ours { fill: #1a7f37 }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .page { fill: #0d1117 } .ours { fill: #3fb950 } .other { fill: #6e7681 } }
`;

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
