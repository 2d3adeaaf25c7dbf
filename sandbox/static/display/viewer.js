// The viewer page: which series and image are shown, and how. The pixels come from archive.js, hands from gestures.js.

import { Pictures, studyImages } from "./archive.js";
import { Cine } from "./cine.js";
import { listen } from "./gestures.js";
import { ownWindow, paintGrey } from "./grey.js";
import { Presets } from "./presets.js";
import { View } from "./view.js";

const AHEAD = 12;
const BEHIND = 4;
const TOUCH = matchMedia("(pointer: coarse)").matches;

const page = document.documentElement;
const stage = document.querySelector(".stage");
const canvas = stage.querySelector("canvas");
const message = document.querySelector("[data-message]");
const position = document.querySelector("[data-position]");
const entries = [...document.querySelectorAll(".series")];
const text = Object.fromEntries([...document.querySelectorAll("[data-text]")].map((element) => [element.dataset.text, element]));

const pictures = new Pictures();
const studies = new Map();
const view = new View(canvas);
const shown = { entry: null, images: [], index: 0, image: null, picture: null, window: null, chosen: null, invert: false };
const cine = new Cine(document.querySelector(".cine"), nextIsReady, () => showImage(nextIndex()));
const presets = new Presets(document.querySelector("[data-presets]"), (window) => {
  shown.chosen = window;
  repaint();
  canvas.focus({ preventScroll: true });
});

/** The verbs that gestures, keys and buttons share. */
const asked = {
  tool: TOUCH ? "scroll" : "window",

  use(tool) {
    asked.tool = tool;
    stage.dataset.tool = tool;
    for (const button of document.querySelectorAll("[data-tool]")) {
      if (button !== stage) button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
  },

  scrollBy: (() => {
    let rest = 0;
    return (steps) => {
      rest = Number.isFinite(steps) ? rest + steps : 0;
      const whole = Number.isFinite(steps) ? Math.trunc(rest) : steps;
      if (!whole) return;
      rest = Number.isFinite(steps) ? rest - whole : 0;
      cine.stop();
      showImage(Math.min(shown.images.length - 1, Math.max(0, shown.index + whole)));
    };
  })(),

  seriesBy(steps) {
    const next = entries[entries.indexOf(shown.entry) + steps];
    if (next) openSeries(next);
  },

  windowBy(x, y) {
    if (!shown.picture?.stored) return;
    const { centre, width } = shown.window;
    const step = Math.max(width, 20) / 300;
    shown.chosen = { name: "", centre: centre + y * step, width: Math.max(1, width + x * step) };
    repaint();
  },

  moveBy(x, y) {
    view.moveBy(x, y);
    redraw();
  },

  zoomBy(factor, point) {
    view.zoomBy(factor, point);
    redraw();
  },

  invert() {
    shown.invert = !shown.invert;
    repaint();
  },

  fit() {
    view.reset();
    shown.chosen = null;
    shown.invert = false;
    repaint();
  },

  play() {
    if (cine.playing) cine.stop();
    else if (shown.images.length > 1) cine.start();
  },
};

async function openSeries(entry) {
  cine.stop();
  shown.entry = entry;
  for (const other of entries) other.setAttribute("aria-current", String(other === entry));
  entry.scrollIntoView({ block: "nearest", inline: "nearest" });
  say(page.dataset.pictures ? "" : "Loading the images…");
  try {
    const series = await imagesOf(entry.dataset.study);
    if (shown.entry !== entry) return;
    beginSeries(entry, series.get(entry.dataset.series) ?? []);
  } catch (error) {
    fail(error);
  }
}

function imagesOf(study) {
  if (!studies.has(study)) {
    const asking = studyImages(document.body.dataset.archive, study);
    asking.catch(() => studies.delete(study));
    studies.set(study, asking);
  }
  return studies.get(study);
}

function beginSeries(entry, images) {
  Object.assign(shown, { images, index: 0, chosen: null, invert: false });
  view.reset();
  position.max = images.length;
  position.hidden = images.length < 2;
  cine.begin(images);
  text.study.textContent = heading(entry).firstChild.textContent.trim();
  text.date.textContent = heading(entry).querySelector("time").textContent;
  text.series.textContent = entry.querySelector(".what").textContent;
  // A stack of slices opens in its middle, where there is something to see; a cine at its beginning.
  showImage(images[0]?.frameTime ? 0 : Math.floor(images.length / 2));
}

function heading(entry) {
  let before = entry.previousElementSibling;
  while (before.localName !== "h2") before = before.previousElementSibling;
  return before;
}

async function showImage(index) {
  const image = shown.images[index];
  shown.index = index;
  position.value = index + 1;
  if (!image) return say("This series has no images that can be shown.", "failed");
  try {
    const picture = await pictures.load(image);
    if (shown.images[shown.index] !== image) return;
    Object.assign(shown, { image, picture });
    say("");
    presets.offer(shown.entry.dataset.series, image, picture);
    repaint();
    firstPicture();
    prefetch(index);
  } catch (error) {
    fail(error);
  }
}

function repaint() {
  const { image, picture, invert } = shown;
  if (!picture) return;
  if (picture.bitmap) {
    view.source.width = picture.bitmap.width;
    view.source.height = picture.bitmap.height;
    const context = view.source.getContext("2d");
    context.filter = invert ? "invert(1)" : "none";
    context.drawImage(picture.bitmap, 0, 0);
  } else {
    shown.window = shown.chosen ?? ownWindow(image, picture);
    paintGrey(view.source, image, picture, shown.window, invert);
  }
  redraw();
}

let drawing = 0;
function redraw() {
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    if (!shown.image) return;
    view.show(shown.image.aspect);
    label();
  });
}

function label() {
  const { image, images, index, window, chosen } = shown;
  text.image.textContent = `Image ${index + 1} of ${images.length}`;
  text.window.textContent = image.colour ? "" : `W ${rounded(window.width)}  L ${rounded(window.centre)}`;
  text.zoom.textContent = `${view.magnification} %`;
  presets.show(chosen);
}

const rounded = (value) => (Math.abs(value) < 20 ? Math.round(value * 10) / 10 : Math.round(value));

function prefetch(index) {
  const count = shown.images.length;
  const wanted = [];
  for (let step = 1; step <= Math.min(AHEAD, count - 1); step += 1) {
    wanted.push(cine.playing ? (index + step) % count : index + step);
    if (step <= BEHIND) wanted.push(index - step);
  }
  // A prefetch that fails is asked again when the image is wanted, and then said.
  for (const n of wanted) if (shown.images[n]) pictures.load(shown.images[n]).catch(() => {});
}

function nextIndex() {
  return (shown.index + 1) % shown.images.length;
}

/** Whether the next image of a cine is at hand; if not, it is asked for. */
function nextIsReady() {
  const ready = pictures.has(shown.images[nextIndex()]);
  if (!ready) prefetch(shown.index);
  return ready;
}

function firstPicture() {
  if (page.dataset.pictures === "shown") return;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    page.dataset.pictures = "shown";
    // The embedding page may want to know; it learns nothing about the patient.
    if (parent !== window) parent.postMessage({ type: "image-display-ready" }, "*");
  }));
}

function say(sentence, kind = "") {
  message.textContent = sentence;
  message.dataset.kind = kind;
}

function fail(error) {
  cine.stop();
  page.dataset.pictures ||= "failed";
  say(`The image could not be loaded. ${error.message} Choose it again to try once more.`, "failed");
}

for (const entry of entries) entry.addEventListener("click", () => openSeries(entry));
for (const button of document.querySelectorAll(".bar [data-tool]")) button.addEventListener("click", () => asked.use(button.dataset.tool));
for (const button of document.querySelectorAll("[data-action]")) button.addEventListener("click", () => asked[button.dataset.action]());
position.addEventListener("input", () => {
  cine.stop();
  showImage(Number(position.value) - 1);
});
new ResizeObserver(redraw).observe(canvas);
listen(canvas, asked);
asked.use(asked.tool);
openSeries(entries[0]);
