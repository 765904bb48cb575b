// The reference, a page for each exported name, out of the docblocks. What has none, or leads to a type that nobody can look up, ends the build.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Application, ReflectionKind } from "typedoc";
import { joinPages } from "./joined-pages.mjs";
import { pagesFolder, root, sidebarFile } from "./folders.mjs";

/** The package's entries, as package.json names them, and the sources that are behind them. */
function entries() {
  const { exports: named } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.entries(named)
    .filter(([, target]) => typeof target === "object")
    .map(([name, { types }]) => ({
      name: name === "." ? "framepool" : `framepool/${name.slice(2)}`,
      file: types.replace(/^\.\/dist\/(.+)\.d\.ts$/, "$1.ts"),
    }));
}

export async function writeReference() {
  const found = entries();
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: found.map(({ file }) => join(root, file)),
    tsconfig: join(root, "tsconfig.json"),
    out: join(pagesFolder, "reference"),
    // The build has compiled them.
    skipErrorChecking: true,
    readme: "none",
    entryFileName: "index",
    router: "member",
    excludeInternal: true,
    excludePrivate: true,
    // What errors have of the language.
    excludeExternals: true,
    disableSources: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: false,
    parametersFormat: "table",
    interfacePropertiesFormat: "table",
    classPropertiesFormat: "table",
    typeDeclarationFormat: "table",
    sanitizeComments: true,
    logLevel: "Warn",
    validation: { notDocumented: true, notExported: true, invalidLink: true, invalidPath: true },
    treatValidationWarningsAsErrors: true,
    requiredToBeDocumented: [
      ...["Variable", "Function", "Class", "Interface", "Method", "Accessor", "Property", "TypeAlias", "Enum"],
    ],
    // What the properties that they are of say.
    intentionallyNotDocumented: [
      ...["OrtModule.Tensor", "RawImageModule.RawImage", "RawVideoModule.RawImage"],
      ...["RawVideoModule.RawVideoFrame", "RawVideoModule.RawVideo", "RawAudioModule.RawAudio"],
    ].map((name) => `framepool/adapters.${name}.__type`),
    // Parts of others, which say what they are where they are used.
    intentionallyNotExported,
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("the sources were not read");
  for (const [at, module] of project.children.entries()) module.name = nameOf(module, found) ?? found[at].name;
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.validationWarningCount > 0)
    throw new Error("the reference has gaps: the messages are above");
  await app.generateOutputs(project);
  joinPages(join(pagesFolder, "reference"));
  writeFileSync(sidebarFile, JSON.stringify(sidebarOf(project)));
}

const intentionallyNotExported = [
  "AnyAddress",
  "ThreadModule",
  "PixelArrays",
  "AudioClipOptions",
  "TensorValues",
  "ShardFile",
  "ResizeTarget",
  "Size",
  "Fill",
  "Padding",
  "ErrorDetails",
  "Channels",
];

function nameOf(module, found) {
  return found.find(({ file }) => file === `src/${module.name}.ts` || file === `src/${module.name}/index.ts`)?.name;
}

/** What is called; types are found from there, by the entry's page and by the search. Every page holds all of this. */
const inSidebar = {
  [ReflectionKind.Class]: ({ name }) => `classes/${name}`,
  [ReflectionKind.Namespace]: ({ name }) => `namespaces/${name}/`,
};

/** For each entry its own names, and a way to the other entries. */
function sidebarOf({ children }) {
  return Object.fromEntries(
    children.map((entry) => [
      `/reference/${entry.name}/`,
      children.map(({ name, children: names }) => ({
        text: name,
        link: `/reference/${name}/`,
        ...(name === entry.name ? { items: itemsOf(name, names) } : {}),
      })),
    ]),
  );
}

function itemsOf(entry, names) {
  const called = names.filter(({ kind }) => kind in inSidebar);
  const functions = { text: "Functions", link: `/reference/${entry}/functions` };
  return [
    ...called.map((one) => ({ text: one.name, link: `/reference/${entry}/${inSidebar[one.kind](one)}` })),
    ...(names.some(({ kind }) => kind === ReflectionKind.Function) ? [functions] : []),
    { text: "Types", link: `/reference/${entry}/types` },
  ];
}
