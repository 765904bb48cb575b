// Drawings are text: what stands in a block of "dot" is laid out by Graphviz when the site is built, in the page's own colours.
import { instance } from "@viz-js/viz";
import { drawChart } from "./charts.mjs";

const graphviz = await instance();

const look = {
  graphAttributes: { bgcolor: "transparent", fontname: "sans-serif", rankdir: "TB", nodesep: 0.25, ranksep: 0.35 },
  nodeAttributes: { shape: "box", style: "rounded", fontname: "sans-serif", fontsize: 12, margin: "0.3,0.08" },
  edgeAttributes: { fontname: "sans-serif", fontsize: 11, arrowsize: 0.7 },
};

/** For markdown-it. The first line's comment says in words what is drawn: `// A frame's path ...`. */
export function drawings(markdown) {
  const usual = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, at, ...rest) => {
    const { info, content } = tokens[at];
    if (info.trim() === "chart") return `<div class="chart" tabindex="0" v-pre>${drawChart(content)}</div>\n`;
    if (info.trim() !== "dot") return usual(tokens, at, ...rest);
    const [, words] = /^\/\/ (.+)\n/.exec(content) ?? [];
    if (words === undefined) throw new Error(`a drawing does not say in words what it shows: ${content.slice(0, 60)}`);
    return figure(draw(content), words);
  };
}

function draw(source) {
  const svg = graphviz.renderString(source, { format: "svg", ...look });
  return svg
    .slice(svg.indexOf("<svg"))
    .replaceAll(/(fill|stroke)="black"/g, '$1="currentColor"')
    .replaceAll("<text ", '<text fill="currentColor" ')
    .replaceAll(/<title>.*?<\/title>\n?/g, "")
    .replaceAll(/<!--.*?-->\n?/gs, "");
}

function figure(svg, words) {
  const label = words.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<div class="drawing" role="img" aria-label="${label}" v-pre>${svg.replace("<svg ", '<svg aria-hidden="true" ')}</div>\n`;
}
