// What VitePress does not look at: places within pages, pictures, and how much a reader loads.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";

/** Bytes: without pictures, and what the first page brings over the line. */
const largestSite = 5e6;
const largestFirstLoad = 300e3;

/** Throws and names what is wrong; says how large the site is. */
export function checkSite(folder, base) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  const pages = new Map(
    files.filter((file) => file.endsWith(".html")).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
  const wrong = [...pages].flatMap(([file, html]) => deadLinks(file, html, { folder, base, pages }));
  if (wrong.length > 0) throw new Error(`dead links:\n${wrong.join("\n")}`);
  const site = sum(folder, files, (file) => !/\.(jpe?g|png|webp|svg)$/.test(file));
  const first = firstLoad(folder, base, pages.get("index.html"));
  if (site > largestSite || first > largestFirstLoad) throw new Error(`too large: ${site} and ${first} bytes`);
  return `${pages.size} pages, ${(site / 1e6).toFixed(1)} MB without pictures; the first page loads ${Math.round(first / 1e3)} kB`;
}

function deadLinks(file, html, { folder, base, pages }) {
  const found = [];
  const text = html.replaceAll(/<!--.*?-->/gs, "");
  for (const [, target] of text.matchAll(/\s(?:href|src)="([^"]+)"/g)) {
    const link = target.replaceAll("&amp;", "&");
    if (/^(https?:|data:|mailto:|\/\/)/.test(link)) continue;
    const [path = "", place = ""] = link.split("#");
    const inSite = path.startsWith("/") ? path.slice(base.length) : posix.join(posix.dirname(file), path);
    const wanted = path === "" ? file : inSite === "" || inSite.endsWith("/") ? `${inSite}index.html` : inSite;
    if (!existsSync(join(folder, wanted))) found.push(`${file}: ${link}`);
    else if (place !== "" && pages.get(wanted)?.includes(`id="${decodeURIComponent(place)}"`) !== true)
      found.push(`${file}: ${link} (no such place)`);
  }
  return found;
}

function sum(folder, files, counts) {
  return files
    .filter(counts)
    .map((file) => statSync(join(folder, file)))
    .filter((stat) => stat.isFile())
    .reduce((bytes, { size }) => bytes + size, 0);
}

/** The page and all that it names to be loaded with it, compressed as servers do. */
function firstLoad(folder, base, html) {
  const named = [...html.matchAll(/\s(?:href|src)="([^"]+\.(?:js|css))"/g)].map(([, path]) => path.slice(base.length));
  const texts = [html, ...[...new Set(named)].map((path) => readFileSync(join(folder, path)))];
  return texts.reduce((bytes, text) => bytes + gzipSync(text).length, 0);
}
