// The viewer page: which series and image are shown, and how. The pixels come from archive.js, hands from gestures.js.

import { Pictures, studyImages } from "./archive.js";
import { listen } from "./gestures.js";
import { CT_PRESETS, ownWindow, paintGrey } from "./grey.js";
import { View } from "./view.js";

const AHEAD = 12;
const BEHIND = 4;
const TOUCH = matchMedia("(pointer: coarse)").matches;

const page = document.documentElement;
const stage = document.querySelector(".stage");
const canvas = stage.querySelector("canvas");
const message = document.querySelector("[data-message]");
const position = document.querySelector("[data-position]");
const presets = document.querySelector("[data-presets]");
const speed = document.querySelector("[data-speed]");
const playButton = document.querySelector('[data-action="play"]');
const entries = [...document.querySelectorAll(".series")];
const text = Object.fromEntries([...document.querySelectorAll("[data-text]")].map((element) => [element.dataset.text, element]));

const pictures = new Pictures();
const studies = new Map();
const view = new View(canvas);
const shown = { entry: null, images: [], index: 0, image: null, picture: null, window: null, chosen: null, invert: false };
let playing = 0;

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
      stop();
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
    if (playing) stop();
    else start();
  },
};

async function openSeries(entry) {
  stop();
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
  document.querySelector(".cine").hidden = images.length < 2;
  if (images[0]?.frameTime) setSpeed(Math.round(1000 / images[0].frameTime));
  else setSpeed(10);
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
    if (presets.dataset.of !== shown.entry.dataset.series) listPresets(image, picture);
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
  if (!chosen) presets.value = "0";
  else if (!chosen.name) presets.value = "";
}

const rounded = (value) => (Math.abs(value) < 20 ? Math.round(value * 10) / 10 : Math.round(value));

function listPresets(image, picture) {
  presets.dataset.of = shown.entry.dataset.series;
  presets.disabled = image.colour;
  const stored = image.colour ? [{ name: "Colour" }] : image.windows.length ? image.windows : [ownWindow(image, picture)];
  const known = new Set(stored.map((window) => window.name));
  const all = image.modality === "CT" ? [...stored, ...CT_PRESETS.filter((window) => !known.has(window.name))] : stored;
  presets.replaceChildren(new Option("Own window", "", false, false), ...all.map((window, n) => new Option(window.name, String(n))));
  presets.firstChild.hidden = true;
  presets.value = "0";
  presets.onchange = () => {
    shown.chosen = presets.value === "0" ? null : all[Number(presets.value)];
    repaint();
    canvas.focus({ preventScroll: true });
  };
}

function prefetch(index) {
  const count = shown.images.length;
  const wanted = [];
  for (let step = 1; step <= Math.min(AHEAD, count - 1); step += 1) {
    wanted.push(playing ? (index + step) % count : index + step);
    if (step <= BEHIND) wanted.push(index - step);
  }
  // A prefetch that fails is asked again when the image is wanted, and then said.
  for (const n of wanted) if (shown.images[n]) pictures.load(shown.images[n]).catch(() => {});
}

function start() {
  if (shown.images.length < 2) return;
  playButton.setAttribute("aria-pressed", "true");
  let due = 0;
  const tick = (now) => {
    playing = requestAnimationFrame(tick);
    if (now < due) return;
    const next = (shown.index + 1) % shown.images.length;
    if (!pictures.has(shown.images[next])) {
      prefetch(shown.index);
      return;
    }
    due = Math.max(now, due + 1000 / Number(speed.value));
    showImage(next);
  };
  playing = requestAnimationFrame(tick);
}

function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  playButton.setAttribute("aria-pressed", "false");
}

function setSpeed(perSecond) {
  speed.value = perSecond;
  document.querySelector("[data-speed-text]").textContent = `${speed.value}/s`;
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
  stop();
  page.dataset.pictures ||= "failed";
  say(`The image could not be loaded. ${error.message} Choose it again to try once more.`, "failed");
}

for (const entry of entries) entry.addEventListener("click", () => openSeries(entry));
for (const button of document.querySelectorAll(".bar [data-tool]")) button.addEventListener("click", () => asked.use(button.dataset.tool));
for (const button of document.querySelectorAll("[data-action]")) button.addEventListener("click", () => asked[button.dataset.action]());
position.addEventListener("input", () => {
  stop();
  showImage(Number(position.value) - 1);
});
speed.addEventListener("input", () => setSpeed(Number(speed.value)));
new ResizeObserver(redraw).observe(canvas);
listen(canvas, asked);
asked.use(asked.tool);
openSeries(entries[0]);
