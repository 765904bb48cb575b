// Where the site is made of what: docs/ and what programs write, together in `pagesFolder`, become `siteFolder`.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const pagesFolder = join(root, "dist/docs/pages");
/** The reference's part of the navigation. */
export const sidebarFile = join(root, "dist/docs/reference.json");
export const siteFolder = join(root, "dist/docs/site");
