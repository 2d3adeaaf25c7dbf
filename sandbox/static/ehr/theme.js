// The theme switch. The page's color-scheme is inherited by its frames, whose documents then see it as the preferred one.

const KEY = "fjordview-theme";

function remembered() {
  try {
    return localStorage.getItem(KEY) ?? "system";
  } catch {
    return "system"; // storage is forbidden in this browser
  }
}

function remember(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // the choice then lasts for this page only
  }
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

const control = document.querySelector("[data-theme-switch]");
const theme = remembered();
apply(theme);
control.hidden = false;
for (const choice of control.querySelectorAll("input")) {
  choice.checked = choice.value === theme;
  choice.addEventListener("change", () => {
    apply(choice.value);
    remember(choice.value);
  });
}
