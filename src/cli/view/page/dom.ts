/** The element of the page that has this id and is of this kind. Throws where the page has none: a mistake of ours. */
export function element<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} #${id}`);
}

/** An element that holds a text. */
export function withText<K extends keyof HTMLElementTagNameMap>(kind: K, text: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

/** Terms and what they are, as rows of a description list. */
export function fillList(list: HTMLDListElement, rows: readonly (readonly [term: string, value: string])[]): void {
  list.replaceChildren(
    ...rows.map(([term, value]) => {
      const row = document.createElement("div");
      row.append(withText("dt", term), withText("dd", value));
      return row;
    }),
  );
}
