// What JavaScript adds to the list beside sightline.js: two studies are ticked to be compared, keys go through the list.

// Two studies that are ticked can be compared; a third takes the place of the first.
const ticked = [], tick = document.getElementById("tick");
for (const images of tick ? document.querySelectorAll("tr[id] a.button") : []) {
  const label = tick.content.firstElementChild.cloneNode(true), box = label.querySelector("input");
  label.append(images.querySelector(".unseen").cloneNode(true));
  images.closest("tr").querySelector(".counts").append(label);
  box.addEventListener("change", () => {
    if (box.checked) ticked.push(box); else ticked.splice(ticked.indexOf(box), 1);
    if (ticked.length > 2) ticked.shift().checked = false;
    const bar = document.querySelector(".ticked"), [words, link] = bar.children;
    bar.hidden = !ticked.length;
    words.hidden = ticked.length > 1;
    link.hidden = !words.hidden;
    link.href = `compare/${ticked.map((one) => one.closest("tr").id).join("/")}${bar.dataset.query}`;
  });
}

// Keys act on the study that has the focus, and in no field: a letter that is typed elsewhere stays one.
const keys = document.getElementById("keys"), rows = [...document.querySelectorAll("[data-keys] tr[id]")];
const steps = { arrowdown: 1, j: 1, arrowup: -1, k: -1, home: -rows.length, end: rows.length };
const presses = { r: "a.report", d: "a.more", x: ".tick input" };
for (const row of rows) row.tabIndex = row === rows[0] ? 0 : -1;
document.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-keys] tr[id]"), key = event.key.toLowerCase();
  if (!row || event.target.matches("input") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (key in steps) {
    const next = rows[Math.max(0, Math.min(rows.indexOf(row) + steps[key], rows.length - 1))];
    for (const each of rows) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  } else if (key in presses) row.querySelector(presses[key])?.click();
  else if (key === "enter" && event.target === row) row.querySelector("a.button")?.click();
  else if (key === "/") document.querySelector(".filter-text input").focus();
  else if (key === "?") {
    keys.showPopover();
    keys.querySelector("button").focus();
  } else return;
  event.preventDefault();
  if (key === "x") document.querySelector(".ticked a:not([hidden])")?.focus();
});
