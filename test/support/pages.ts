// The code blocks of the README and of the pages in docs/: what the tests run and compile is what readers copy.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface Block {
  /** What it is written in: "js", "sh", ... */
  readonly language: string;
  /** The name of a file that the page's other blocks read: ```js [my-source.js]. */
  readonly file: string | null;
  readonly code: string;
  /** Of its first line in the page, from 1. */
  readonly line: number;
  /** Why it is not run: <!-- not run: REASON --> before it. */
  readonly notRun: string | null;
  /** Why it is not even compiled, such as other people's code: <!-- not ours: REASON --> before it. */
  readonly notOurs: string | null;
  /** What it prints, where the page shows that: a ```text block right behind it. */
  readonly output: string | null;
}

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** What is written by programs, in words of its own. */
const generated = "docs/benchmarks/";

export function pages(): readonly Page[] {
  const inDocs = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .map((path) => `docs/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".md") && !path.startsWith(generated) && !path.includes("/.vitepress/"))
    .sort();
  return ["README.md", ...inDocs].map((path) => ({ path, blocks: blocksOf(readFileSync(`${root}${path}`, "utf8")) }));
}

const fence =
  /(?:<!-- (?<mark>not run|not ours): (?<reason>[^>]+?) -->\n+)?^```(?<language>[a-z]*)(?: \[(?<file>[^\]]+)\])?\n(?<code>.*?)^```$(?:\n+```text\n(?<output>.*?)^```$)?/gms;

export function blocksOf(text: string): Block[] {
  return [...text.matchAll(fence)].map((match) => {
    const { mark, reason, language = "", file, code = "", output } = match.groups ?? {};
    const before = text.slice(0, match.index + match[0].indexOf("```"));
    return {
      language,
      file: file ?? null,
      code,
      line: before.split("\n").length + 1,
      notRun: mark === "not run" ? (reason ?? "") : null,
      notOurs: mark === "not ours" ? (reason ?? "") : null,
      output: output ?? null,
    };
  });
}
