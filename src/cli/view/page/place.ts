import type { Target } from "../calls.js";

/** Where one is stays in the address: a reload, or a friend on the same machine, comes to the same frame. */
export function rememberPlace(target: Target): void {
  const place = target.by === "index" ? `#frame=${target.index}` : `#time=${target.seconds}`;
  if (place !== location.hash) history.replaceState(null, "", place);
}

export function placeInAddress(): Target | undefined {
  const [, by, text = ""] = /^#(frame|time)=(-?[\d.]+)$/.exec(location.hash) ?? [];
  const value = Number(text);
  if (by === undefined || !Number.isFinite(value)) return undefined;
  return by === "frame" ? { by: "index", index: value } : { by: "time", seconds: value };
}
