type Name = "play" | "first" | "last" | "previous-key" | "next-key" | "closer" | "farther" | "whole";

type KeyActions = Readonly<Record<Name, () => void>> & { readonly step: (frames: number) => void };

const names: Readonly<Record<string, Name>> = {
  Home: "first",
  End: "last",
  PageUp: "previous-key",
  PageDown: "next-key",
  "+": "closer",
  "=": "closer",
  "-": "farther",
  "0": "whole",
};
const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Keys that go somewhere, wherever one is but in a field that needs them itself. */
export function listenToKeys(actions: KeyActions): void {
  document.addEventListener("keydown", (event) => {
    const { key, shiftKey, target } = event;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    const step = steps[key];
    const name = names[key];
    if (key === " ") {
      // Of a button that one is at, it is the key.
      if (target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement) return;
      actions.play();
    } else if (step !== undefined) actions.step(step * (shiftKey ? 10 : 1));
    else if (name !== undefined) actions[name]();
    else return;
    event.preventDefault();
  });
}
