/** What a page is made of, made by the build: as deep below dist as the bundle that the command becomes. */
export function pageFiles(page: "view" | "queue"): URL {
  return new URL(`../bundle/${page}/`, import.meta.url);
}
