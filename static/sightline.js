// What JavaScript adds to pages that work without it: a choice in the filter applies at once, an opened study's
// heading has the focus (so that the next Tab goes on from there), the row one comes back to is in view, and Back asks
// the server.

for (const choice of document.querySelectorAll("[data-submits]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}

// The browser's own Back then finds the row from which a study was opened.
document.querySelector(".studies")?.addEventListener("click", (event) => {
  const row = event.target.closest("a.button")?.closest("tr");
  if (row) history.replaceState(history.state, "", `#${row.id}`);
});

document.querySelector("[data-focus]")?.focus({ preventScroll: true });

// Going to a fragment takes the focus away once more, so the row has its turn when the page is whole.
addEventListener("load", () => {
  document.getElementById(location.hash.slice(1))?.querySelector("a")?.focus();
});

// Chromium's back/forward cache keeps even pages that are not to be stored. What it brings back is an empty page, which
// asks whether its chart is still open.
addEventListener("pagehide", () => { document.documentElement.hidden = true; });
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
