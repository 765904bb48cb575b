import { element } from "./dom.js";

const saidMs = 1500;

/** A button that copies an element's text and says so; where that is refused, the text is marked to be copied by hand. */
export function copyWhenAsked(buttonId: string, textId: string): void {
  const button = element(buttonId, HTMLButtonElement);
  const text = element(textId, HTMLElement);
  const word = button.querySelector("span") ?? button;
  const name = word.textContent;
  button.addEventListener("click", () => {
    void copy(text).then((copied) => {
      word.textContent = copied ? "Copied" : "Marked";
      setTimeout(() => (word.textContent = name), saidMs);
    });
  });
}

async function copy(element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(element.textContent);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}
