import { builtinModules } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const root = import.meta.dirname;

/** The public classes, what puts them together, and the folders that use them. */
const upper = [
  ...["index", "decoder-pool", "video-decoder", "audio-decoder", "media", "media-clips", "connect"].map(
    (name) => `src/${name}.`,
  ),
  ...["local-pool", "local-media"].map((name) => `src/${name}.`),
  ...["samplers", "loader", "adapters", "dataset", "queue", "cli"].map((name) => `src/${name}/`),
];

/**
 * Who may import what; the first row that matches the importing file counts. `from` and `values` are path prefixes.
 * `values` lists what may be imported to run, `types` what may be imported only with `import type` in addition.
 * A file that no row names may import anything.
 */
const layers = [
  // What a browser runs.
  {
    from: "src/cli/queue-page/page/",
    values: ["src/cli/queue-page/page/", "src/cli/view/page/dom.", "src/cli/clock."],
    types: ["src/cli/queue-page/answers."],
  },
  {
    from: "src/cli/view/page/",
    values: ["src/cli/view/page/", "src/cli/view/calls.", "src/cli/view/time-line.", "src/cli/clock."],
    types: ["src/cli/view/answers."],
  },
  {
    from: "src/cli/",
    values: [
      "src/cli/",
      "src/index.",
      "src/dataset/index.",
      "src/queue/index.",
      "src/errors.",
      "src/running-process.",
      "src/sources/file-url.",
    ],
  },
  {
    from: "src/queue/",
    values: [
      "src/queue/",
      "src/dataset/",
      "src/index.",
      "src/arguments.",
      "src/errors.",
      "src/protocol/file-path.",
      "src/sources/file-url.",
    ],
  },
  {
    from: "src/dataset/",
    values: [
      "src/dataset/",
      "src/index.",
      "src/adapters/npy.",
      "src/video/frame-selection.",
      "src/video/images/encoded-image.",
      "src/arguments.",
      "src/errors.",
      "src/running-process.",
      "src/protocol/file-path.",
      "src/sources/file-url.",
    ],
  },
  // Floors, from the lowest: each imports those below it.
  { from: "src/async/", values: ["src/async/", "src/errors."] },
  { from: "src/protocol/", values: ["src/protocol/", "src/errors."] },
  {
    from: "src/sources/",
    values: [
      "src/sources/",
      "src/async/",
      "src/arguments.",
      "src/errors.",
      "src/protocol/file-identity.",
      "src/protocol/file-path.",
    ],
    types: ["src/protocol/"],
  },
  {
    from: "src/threads/",
    values: ["src/threads/", "src/async/", "src/protocol/", "src/errors.", "src/diagnostics."],
  },
  {
    from: "src/feed/",
    values: ["src/feed/", "src/threads/", "src/sources/", "src/async/", "src/protocol/", "src/errors."],
  },
  {
    from: "src/pool/",
    values: [
      "src/pool/",
      "src/feed/",
      "src/threads/",
      "src/sources/",
      "src/async/",
      "src/protocol/",
      "src/errors.",
      "src/arguments.",
    ],
  },
  { from: "src/video/", values: ["src/"], except: [...upper, "src/pool-host.", "src/audio/", "src/sharing/"] },
  { from: "src/audio/", values: ["src/"], except: [...upper, "src/pool-host.", "src/video/", "src/sharing/"] },
  { from: "src/media/", values: ["src/media/", "src/protocol/"] },
  { from: "src/sharing/", values: ["src/"], except: upper },
  { from: "src/pool-host.", values: ["src/"], except: [...upper, "src/sharing/"] },
  { from: "src/", values: ["src/"], except: ["src/cli/"] },
  {
    from: "workers/io-",
    values: [
      "workers/io-",
      "src/feed/channel/",
      "src/feed/opening-range.",
      "src/sources/",
      "src/async/",
      "src/protocol/",
      "src/errors.",
    ],
  },
  {
    from: "workers/",
    values: ["workers/", "src/protocol/", "src/errors.", "native/addon."],
  },
  { from: "native/codecs-page.", values: ["native/", "dist/src/protocol/codecs."] },
  { from: "native/", values: ["native/"], types: ["src/protocol/"] },
  // A step that has no public name, such as the plan or the addon's boundary, is timed where it is.
  {
    from: "bench/micro/",
    values: ["bench/", "src/index.", "src/video/plan/frame-plan.", "src/protocol/", "native/addon.", "test/support/"],
  },
  { from: "bench/", values: ["bench/", "src/index.", "src/loader/index.", "test/support/"] },
  {
    from: "test/api/",
    values: [
      "test/api/",
      "test/support/",
      "src/index.",
      "src/loader/index.",
      "src/adapters/index.",
      "src/dataset/index.",
    ],
  },
];

/** Packages that only one place knows, so that replacing one touches one place. */
const packageOwners = {
  "@aws-sdk/client-s3": ["src/dataset/s3/client.ts", "test/services/"],
  "axe-core": ["test/services/"],
  bullmq: ["src/queue/", "test/services/"],
  comlink: ["src/sharing/", "src/feed/io/", "workers/io-"],
  "@huggingface/transformers": ["test/"],
  "hyparquet-writer": ["src/dataset/parquet.ts"],
  "ipaddr.js": ["src/sources/http/private-addresses.ts"],
  "onnxruntime-node": ["test/"],
  "modern-tar": ["src/dataset/", "test/dataset/"],
  piscina: ["src/threads/piscina.ts", "workers/moved-reply.ts", "test/workers/"],
  "playwright-core": ["test/services/"],
  sharp: ["src/cli/", "test/", "bench/"],
  tinybench: ["bench/"],
  undici: ["src/sources/http/http-agent.ts", "src/sources/http/http-client.ts", "test/"],
};

const startsWithAny = (text, prefixes) => prefixes.some((prefix) => text.startsWith(prefix));

function complaint(file, specifier, isType) {
  if (specifier.startsWith(".")) {
    const target = relative(root, resolve(root, dirname(file), specifier))
      .split(sep)
      .join("/");
    const layer = layers.find(({ from }) => file.startsWith(from));
    if (layer === undefined) return null;
    const allowed = isType ? [...layer.values, ...(layer.types ?? [])] : layer.values;
    if (startsWithAny(target, allowed) && !startsWithAny(target, layer.except ?? [])) return null;
    return `${layer.from} may not import ${target}${isType ? "" : " to run it"}: see the import rules in CONTRIBUTING.md`;
  }
  const owners = packageOwners[specifier];
  if (owners !== undefined && !startsWithAny(file, owners)) return `only ${owners.join(", ")} may import ${specifier}`;
  const isBuiltin = specifier.startsWith("node:") || builtinModules.includes(specifier);
  if (isBuiltin && !isType && file.startsWith("src/protocol/")) return "src/protocol/ is pure: no Node modules";
  return null;
}

const layerRule = {
  meta: { type: "problem", schema: [], messages: { layer: "{{complaint}}" } },
  create(context) {
    const file = relative(root, context.filename).split(sep).join("/");
    const check = (node, isType) => {
      if (typeof node.source?.value !== "string") return;
      const found = complaint(file, node.source.value, isType);
      if (found !== null) context.report({ node, messageId: "layer", data: { complaint: found } });
    };
    return {
      ImportDeclaration: (node) => check(node, node.importKind === "type"),
      ExportNamedDeclaration: (node) => check(node, node.exportKind === "type"),
      ExportAllDeclaration: (node) => check(node, node.exportKind === "type"),
      ImportExpression: (node) => check(node, false),
    };
  },
};

export default defineConfig(
  globalIgnores(["dist/", "native/build/", "test/fixtures/", "test/types/"]),
  {
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "error" },
    plugins: { framepool: { rules: { layers: layerRule } } },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "framepool/layers": "error",
      // An alarm, not a size to split at: CONTRIBUTING.md, "TypeScript".
      "max-lines": ["error", 500],
      "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"], location: "anywhere" }],
      "object-shorthand": "error",
      "prefer-template": "error",
    },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      "@typescript-eslint/consistent-type-exports": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "it", "describe", "suite"], package: "node:test" },
          ],
        },
      ],
      // Spreading a string into its code points is what is meant where it is written.
      "@typescript-eslint/no-misused-spread": ["error", { allow: ["string"] }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      // `async` also makes a throw a rejection, or a list an async iterable: the interface asks for it, not the body.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**/*.ts", "workers/**/*.ts", "native/**/*.ts"],
    ignores: ["src/cli/**"],
    rules: { "no-console": "error" },
  },
  {
    files: ["src/**/*.ts", "workers/**/*.ts"],
    ignores: ["src/cli/**"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CatchClause BinaryExpression[operator='instanceof'], BinaryExpression[operator='instanceof'][left.name='error']",
          message: "What was thrown may be anybody's, and throw when it is looked at: isInstance of src/errors.",
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.object.name=/^(test|it|describe|suite)$/][callee.property.name=/^(only|skip|todo)$/]",
          message: "Every test runs: a skipped one hides what it was written for.",
        },
      ],
    },
  },
);
