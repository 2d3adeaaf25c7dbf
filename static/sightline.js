// What JavaScript adds to pages that work without it: a choice in the filter applies at once, an opened study's
// heading has the focus (so that the next Tab goes on from there), the row one comes back to is in view, Back asks the
// server, a viewer that says when it is ready is waited for, what the browser keeps out of the frame is named, images in
// a window of their own have one window, a report opens beside images, and a page warns before its chart ends and then clears itself.

for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}

// The browser's own Back then finds the row from which a study was opened.
document.querySelector(".studies")?.addEventListener("click", (event) => {
  const row = event.target.closest("a.button, a.report")?.closest("tr");
  if (row) history.replaceState(history.state, "", `#${row.id}`);
});

document.querySelector("[data-focus]")?.focus({ preventScroll: true });

// From study to study no step is added to the history, so that one Back leads to the list.
for (const neighbours of document.querySelectorAll("[data-replaces]")) {
  neighbours.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    location.replace(link.href);
  });
}

// The list then learns here which study was left; browsers without this API come back to the first one's row.
const left = globalThis.navigation?.activation?.from?.getState()?.row;
const wayBack = document.querySelector("a.strip-back");
if (wayBack && globalThis.navigation?.currentEntry) navigation.updateCurrentEntry({ state: { row: wayBack.hash.slice(1) } });

// Going to a fragment takes the focus away once more, so the row has its turn when the page is whole.
addEventListener("load", () => {
  if (left && document.querySelector(`tr[id="${left}"]`)) location.replace(`#${left}`);
  const row = document.getElementById(location.hash.slice(1));
  (row?.querySelector(".open a") ?? row?.querySelector("a"))?.focus();
});

for (const stage of document.querySelectorAll("[data-ready-message]")) waitUntilReady(stage);

// A frame tells nothing of itself, so that only the viewer's own page, at its own origin, is believed.
function waitUntilReady(stage) {
  const expected = JSON.parse(stage.dataset.readyMessage);
  const said = (data) => typeof expected === "string" ? data === expected
    : Object.entries(expected).every(([name, value]) => data?.[name] === value);
  stage.classList.add("waits");
  addEventListener("message", (event) => {
    const isTheViewer = event.source === stage.querySelector("iframe").contentWindow && event.origin === stage.dataset.readyOrigin;
    if (!isTheViewer || !said(event.data)) return;
    stage.classList.remove("waits");
    for (const words of stage.querySelectorAll(".waiting")) words.remove();
  });
}

// Which of two frames it was the event does not say.
document.addEventListener("securitypolicyviolation", (event) => {
  if (event.effectiveDirective !== "frame-src") return;
  for (const words of document.querySelectorAll(".forbidden")) {
    words.querySelector("code").textContent = event.blockedURI;
    words.hidden = false;
  }
});

// Selecting it is what is left where the EHR's frame lets no page write to the clipboard.
for (const button of document.querySelectorAll("[data-copies]")) {
  const copied = button.parentElement.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(copied);
    const written = await navigator.clipboard?.writeText(copied.textContent).then(() => true, () => false);
    button.textContent = written ? button.dataset.done : button.dataset.selected;
  });
}

// The server's signs for "no picture" and "not loaded" are one and two pixels wide, what is no picture at all none.
const SIGNS = ["picture-failed", "no-picture", "picture-failed"];
for (const picture of document.querySelectorAll(".picture")) {
  const place = picture.parentElement, { src } = picture;
  const settled = () => {
    picture.classList.remove("waits");
    const sign = SIGNS[picture.naturalWidth];
    if (!sign) return;
    place.replaceChildren(document.getElementById(sign).content.cloneNode(true));
    place.querySelector("button")?.addEventListener("click", begin);
  };
  const begin = () => {
    picture.classList.add("waits");
    if (!picture.isConnected) picture.src = `${src}?again=${Date.now()}`;
    place.replaceChildren(picture);
  };
  for (const end of ["load", "error"]) picture.addEventListener(end, settled);
  if (picture.complete) settled(); else picture.classList.add("waits");
}

for (const link of document.querySelectorAll("[data-window]")) {
  link.hidden = window.name === link.target;
  link.addEventListener("click", (event) => {
    const opened = open(link.href, link.target, "popup");
    if (!opened) return;
    event.preventDefault();
    opened.focus();
  });
}

// The report comes beside images that are open, without opening them anew; its page is asked for when it is wanted.
for (const link of document.querySelectorAll("[data-beside]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const column = document.querySelector(".beside");
    if (!column.firstChild) {
      const { report: src, title } = column.dataset;
      column.append(Object.assign(document.createElement("iframe"), { src, title, className: "frame" }));
    }
    column.hidden = !column.hidden;
    link.setAttribute("aria-expanded", String(!column.hidden));
  });
}

// Chromium's back/forward cache keeps even pages that are not to be stored. What it brings back is an empty page, which
// asks whether its chart is still open.
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

document.querySelector(".list-beside [aria-current]")?.scrollIntoView({ block: "center" });

const ending = document.querySelector(".ending");
if (ending) watch();

// Only the server knows when the chart ends: other windows prolong it, or sign out. Asking prolongs nothing.
function watch() {
  const every = 15_000;
  const warning = ending.dataset.warningSeconds * 1000;
  let endsAt = Date.now() + ending.dataset.seconds * 1000;
  let mayStay = "mayStay" in ending.dataset;
  let timer, hadFocus;

  async function check() {
    clearTimeout(timer);
    // A page that wakes up after its time shows nothing until the server has said that the chart still lives.
    if (Date.now() >= endsAt) document.body.hidden = true;
    const answer = await fetch(ending.dataset.timeLeft, { signal: AbortSignal.timeout(5000) }).catch(() => null);
    if (answer?.status === 401) {
      endsAt = 0;
    } else if (answer?.ok) {
      const left = await answer.json();
      endsAt = Date.now() + left.seconds * 1000;
      mayStay = left.may_stay;
    }
    goOn();
  }

  function goOn() {
    if (!ending.isConnected) return;
    const left = endsAt - Date.now();
    if (left <= 0) return clear();
    document.body.hidden = false;
    if (left <= warning) warn(); else unwarn();
    clearTimeout(timer);
    timer = setTimeout(check, Math.min(left <= warning ? left : left - warning, warning / 4, every));
  }

  // The focus goes to the button even out of the viewer, so that one key is enough, and back afterwards.
  function warn() {
    if (ending.firstChild) return;
    hadFocus = document.activeElement;
    ending.append(document.getElementById(mayStay ? "may-stay" : "must-end").content.cloneNode(true));
    ending.querySelector("form")?.addEventListener("submit", stay);
    ending.querySelector("button")?.focus({ preventScroll: true });
  }

  function unwarn() {
    if (!ending.firstChild) return;
    ending.replaceChildren();
    hadFocus?.focus({ preventScroll: true });
  }

  async function stay(event) {
    event.preventDefault();
    const form = event.target;
    // The answer leads to the list, for those without JavaScript. This page stays where it is.
    await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" }).catch(() => null);
    check();
  }

  function clear() {
    removeEventListener("focus", check);
    document.removeEventListener("visibilitychange", check);
    clearTimeout(timer);
    const over = document.getElementById("ended").content.cloneNode(true);
    document.documentElement.className = "";
    document.body.replaceChildren(over);
    document.body.hidden = false;
    document.title = document.querySelector("[role=heading]").textContent;
    document.querySelector("[role=heading]").focus();
  }

  addEventListener("focus", check);
  document.addEventListener("visibilitychange", check);
  goOn();
}
