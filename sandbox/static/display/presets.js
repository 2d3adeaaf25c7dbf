// The list of windows: those stored with the image, and for CT those that readers know by name.

import { CT_PRESETS, ownWindow } from "./grey.js";

const OWN = "";
const STORED = "0";

export class Presets {
  #list;
  #choose;
  #series = "";

  /** `list` is the select element; `choose(window)` is told the chosen window, null for the image's own. */
  constructor(list, choose) {
    this.#list = list;
    this.#choose = choose;
  }

  /** Offer what fits the image, once for each series. */
  offer(series, image, picture) {
    if (series === this.#series) return;
    this.#series = series;
    const windows = windowsFor(image, picture);
    this.#list.disabled = image.colour;
    // What the hand has set has no name: its option is shown while it lasts, and cannot be chosen.
    const own = new Option("Own window", OWN);
    own.hidden = true;
    this.#list.replaceChildren(own, ...windows.map((window, n) => new Option(window.name, String(n))));
    this.#list.value = STORED;
    this.#list.onchange = () => this.#choose(this.#list.value === STORED ? null : windows[Number(this.#list.value)]);
  }

  /** Let the list say what is shown: the image's own window (null), one without a name, or the one just chosen. */
  show(window) {
    if (!window) this.#list.value = STORED;
    else if (!window.name) this.#list.value = OWN;
  }
}

function windowsFor(image, picture) {
  if (image.colour) return [{ name: "Colour" }];
  const stored = image.windows.length ? image.windows : [ownWindow(image, picture)];
  if (image.modality !== "CT") return stored;
  const known = new Set(stored.map((window) => window.name));
  return [...stored, ...CT_PRESETS.filter((window) => !known.has(window.name))];
}
