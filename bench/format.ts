export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;
}

export function microseconds(value: number): string {
  return value >= 1000 ? milliseconds(value / 1000) : `${value.toFixed(value >= 100 ? 0 : 2)} us`;
}

export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;

/** In Markdown. */
export function table(heads: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [row(heads), row(heads.map(() => "---")), ...lines.map(row)].join("\n");
}
