// `npm run docs`: the site in dist/docs/site, ready for any static host. What is wrong in it, a dead link for one, ends the build.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vitepress";
import { checkSite } from "./check.mjs";
import { writeTexts } from "./llms.mjs";
import { makePictures } from "./gallery.mjs";
import { writeReference } from "./reference.mjs";
import { pagesFolder, root, siteFolder } from "./folders.mjs";

rmSync(pagesFolder, { recursive: true, force: true });
rmSync(siteFolder, { recursive: true, force: true });
cpSync(join(root, "docs"), pagesFolder, { recursive: true, filter: (path) => !path.includes(".vitepress") });
await writeReference();
await makePictures();
await build(join(root, "docs"));
const base = process.env.FRAMEPOOL_DOCS_BASE ?? "/";
writeTexts(base);
console.log(checkSite(siteFolder, base));
