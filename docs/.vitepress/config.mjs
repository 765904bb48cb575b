import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { drawings } from "./build/drawings.mjs";
import { pagesFolder, root, sidebarFile, siteFolder } from "./build/folders.mjs";
import { sidebar } from "./sidebar.mjs";

export default defineConfig({
  title: "framepool",
  description: "Video frames and sound out of media files in Node.js, exactly, on all cores",
  lang: "en",
  // Where it is served: "/" or "/framepool/".
  base: process.env.FRAMEPOOL_DOCS_BASE ?? "/",
  // What is written by hand and what is made, side by side, outside of what git knows.
  srcDir: pagesFolder,
  outDir: siteFolder,
  // Not in every page once more.
  metaChunk: true,
  cacheDir: join(root, "dist/docs/cache"),
  // Addresses of this machine in a recipe are no links.
  ignoreDeadLinks: [/^https?:\/\/(localhost|127\.0\.0\.1)/],
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  markdown: { config: drawings },
  themeConfig: {
    nav: [
      { text: "Start", link: "/start" },
      { text: "Guide", link: "/guide/frames" },
      { text: "Recipes", link: "/recipes/thumbnails" },
      { text: "Reference", link: "/reference/" },
      { text: "Questions", link: "/questions" },
    ],
    sidebar: { ...JSON.parse(readFileSync(sidebarFile, "utf8")), "/": sidebar },
    outline: [2, 3],
    // Nothing is asked of another server.
    search: { provider: "local" },
  },
});
