// The width slider: how Sightline looks in a frame of 320 to 1280 CSS pixels.

const control = document.querySelector("[data-width-control]");
const slider = control.querySelector("input");
const output = control.querySelector("output");
const frame = document.querySelector("[data-app-frame]");

slider.addEventListener("input", () => {
  frame.style.width = `${slider.value}px`;
  output.value = `${slider.value} px`;
});
control.hidden = false;
