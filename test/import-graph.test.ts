import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function filesOf(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${folder}/${file.split(sep).join("/")}`),
  );
}

/** By file of src and workers: which others it imports, to run them or for their types alone. */
function importGraph(): Graph {
  const files = filesOf("src", "workers");
  const graph = new Map<string, Set<string>>();
  for (const file of files) {
    const found = importsOf(file, readFileSync(join(root, file), "utf8"));
    graph.set(file, new Set(found.filter((target) => files.includes(target))));
  }
  return graph;
}

function importsOf(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const names =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined;
    if (names !== undefined && ts.isStringLiteral(names) && names.text.startsWith(".")) {
      const target = normalize(join(dirname(file), names.text));
      found.push(target.split(sep).join("/").replace(/\.js$/, ".ts"));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return found;
}

/** The names that a file exports, and those it takes from others as "file name", "file *" where it may take any. */
function namesOf(file: string, text: string): { readonly exported: string[]; readonly taken: string[] } {
  const exported: string[] = [];
  const taken: string[] = [];
  const take = (from: ts.Node | undefined, names: readonly string[]): void => {
    if (from === undefined || !ts.isStringLiteral(from)) return;
    const target = normalize(join(dirname(file), from.text))
      .split(sep)
      .join("/")
      .replace(/\.js$/, ".ts");
    for (const name of names) taken.push(`${target} ${name}`);
  };
  const own = (elements: readonly (ts.ImportSpecifier | ts.ExportSpecifier)[]): string[] =>
    elements.map(({ name, propertyName }) => (propertyName ?? name).text);
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const bindings = node.importClause?.namedBindings;
      if (bindings !== undefined)
        take(node.moduleSpecifier, ts.isNamedImports(bindings) ? own(bindings.elements) : ["*"]);
    } else if (ts.isExportDeclaration(node)) {
      const clause = node.exportClause;
      take(node.moduleSpecifier, clause !== undefined && ts.isNamedExports(clause) ? own(clause.elements) : ["*"]);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      take(node.argument.literal, ["*"]);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      take(node.arguments[0], ["*"]);
    } else if (ts.canHaveModifiers(node)) {
      const kinds = new Set((ts.getModifiers(node) ?? []).map(({ kind }) => kind));
      // A default export is what Piscina runs.
      if (kinds.has(ts.SyntaxKind.ExportKeyword) && !kinds.has(ts.SyntaxKind.DefaultKeyword)) {
        const named = ts.isVariableStatement(node) ? node.declarationList.declarations : [node as ts.NamedDeclaration];
        exported.push(...named.flatMap(({ name }) => (name !== undefined && ts.isIdentifier(name) ? [name.text] : [])));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
  return { exported, taken };
}

/** The same between the folders of src; a file beside them is one by itself. */
function folderGraph(files: Graph): Graph {
  const folderOf = (file: string): string => file.split("/").slice(0, 2).join("/");
  const graph = new Map<string, Set<string>>();
  for (const [file, targets] of files) {
    if (!file.startsWith("src/")) continue;
    const folder = folderOf(file);
    const all = graph.get(folder) ?? new Set<string>();
    for (const target of targets) if (folderOf(target) !== folder) all.add(folderOf(target));
    graph.set(folder, all);
  }
  return graph;
}

/** One circle for each place that one is closed at: "a -> b -> a". */
function circles(graph: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (node: string): void => {
    const at = path.indexOf(node);
    if (at >= 0) found.push([...path.slice(at), node].join(" -> "));
    if (at >= 0 || done.has(node)) return;
    path.push(node);
    for (const target of graph.get(node) ?? []) walk(target);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) walk(node);
  return found;
}

describe("the import graph", () => {
  const files = importGraph();

  it("sees what is imported, types included", () => {
    const text =
      'import type { A } from "./a.js"; export * from "../b.js"; type C = import("./c.js").C; void import("./d.js");';
    assert.deepEqual(importsOf("src/video/x.ts", text), [
      "src/video/a.ts",
      "src/b.ts",
      "src/video/c.ts",
      "src/video/d.ts",
    ]);
    assert.ok(files.get("src/decoder-pool.ts")?.has("src/local-pool.ts"));
    assert.deepEqual(
      circles(
        new Map([
          ["a", new Set(["b"])],
          ["b", new Set(["c", "d"])],
          ["c", new Set(["a"])],
        ]),
      ),
      ["a -> b -> c -> a"],
    );
  });

  it("sees what is exported, and what is taken of it", () => {
    const text =
      "export const a = 1, b = 2; export class C {} interface D {} export type E = D; export default function f() {}";
    assert.deepEqual(namesOf("src/x.ts", text), { exported: ["a", "b", "C", "E"], taken: [] });
    const uses =
      'import { a as z, type E } from "./x.js"; export { b } from "./x.js"; export * from "./y.js"; import * as v from "./v.js"; void import("../w.js");';
    assert.deepEqual(namesOf("src/u.ts", uses).taken, [
      "src/x.ts a",
      "src/x.ts E",
      "src/x.ts b",
      "src/y.ts *",
      "src/v.ts *",
      "w.ts *",
    ]);
  });

  it("has no name that is exported and taken by nobody: it is its file's own, or nobody's", () => {
    const entries = [
      "src/index.ts",
      ...["adapters", "dataset", "loader", "queue"].map((entry) => `src/${entry}/index.ts`),
    ];
    const texts = filesOf("src", "workers", "test", "bench", "native").map((file) => ({
      file,
      ...namesOf(file, readFileSync(join(root, file), "utf8")),
    }));
    const taken = new Set(texts.flatMap((text) => text.taken));
    const unused = texts
      .filter(({ file }) => /^(src|workers)\//.test(file) && !entries.includes(file))
      .flatMap(({ file, exported }) => exported.map((name) => [file, name] as const))
      .filter(([file, name]) => !taken.has(`${file} ${name}`) && !taken.has(`${file} *`));
    assert.deepEqual(
      unused.map((found) => found.join(" ")),
      [],
    );
  });

  it("has no circle of files", () => {
    assert.deepEqual(circles(files), []);
  });

  it("has no circle of folders: each is a floor above those that it imports", () => {
    assert.deepEqual(circles(folderGraph(files)), []);
  });
});
