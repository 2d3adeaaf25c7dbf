// What hands do on the canvas, as plain calls: drag with the chosen tool, two fingers, wheel, keys.

const DRAGS = {
  scroll: (asked, move) => asked.scrollBy(move.y / 8),
  window: (asked, move) => asked.windowBy(move.x, move.y),
  pan: (asked, move) => asked.moveBy(move.x, move.y),
  zoom: (asked, move, at) => asked.zoomBy(Math.exp(-move.y / 120), at),
};
const BUTTON_TOOLS = { 1: "pan", 2: "zoom" };
const KEYS = {
  ArrowDown: (asked) => asked.scrollBy(1),
  ArrowRight: (asked) => asked.scrollBy(1),
  ArrowUp: (asked) => asked.scrollBy(-1),
  ArrowLeft: (asked) => asked.scrollBy(-1),
  PageDown: (asked) => asked.seriesBy(1),
  PageUp: (asked) => asked.seriesBy(-1),
  Home: (asked) => asked.scrollBy(-Infinity),
  End: (asked) => asked.scrollBy(Infinity),
  "+": (asked) => asked.zoomBy(1.25),
  "=": (asked) => asked.zoomBy(1.25),
  "-": (asked) => asked.zoomBy(0.8),
  " ": (asked) => asked.play(),
  i: (asked) => asked.invert(),
  r: (asked) => asked.fit(),
  s: (asked) => asked.use("scroll"),
  w: (asked) => asked.use("window"),
  p: (asked) => asked.use("pan"),
  z: (asked) => asked.use("zoom"),
};

/** Listen on the canvas and the page; `asked` has the viewer's verbs, `asked.tool` the chosen tool. */
export function listen(canvas, asked) {
  const pointers = new Map();
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { ...place(event), tool: BUTTON_TOOLS[event.button] });
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    const held = pointers.get(event.pointerId);
    if (!held) return;
    const now = place(event);
    const move = { x: now.x - held.x, y: now.y - held.y };
    if (pointers.size === 2) pinch(pointers, event.pointerId, now, asked);
    else DRAGS[held.tool ?? asked.tool](asked, move, now);
    pointers.set(event.pointerId, { ...held, ...now });
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));

  let travelled = 0;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      asked.zoomBy(Math.exp(-event.deltaY / 240), place(event));
      return;
    }
    // A mouse's notch is one image; a touchpad's many small deltas add up to one.
    travelled += event.deltaMode === 0 ? event.deltaY : event.deltaY * 40;
    const steps = Math.abs(travelled) >= 40 ? Math.sign(travelled) * Math.max(1, Math.floor(Math.abs(travelled) / 100)) : 0;
    if (steps) travelled = 0;
    asked.scrollBy(steps);
  }, { passive: false });

  document.addEventListener("keydown", (event) => {
    const elsewhere = event.target.closest("select, input, button") && (event.key === " " || event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End");
    const does = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!does || elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    does(asked);
  });
}

function pinch(pointers, moving, now, asked) {
  const [other] = [...pointers].filter(([id]) => id !== moving).map(([, at]) => at);
  const before = pointers.get(moving);
  const span = (at) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
  asked.zoomBy(span(now) / span(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
  asked.moveBy((now.x - before.x) / 2, (now.y - before.y) / 2);
}
