// Plays a series image by image, at the speed of the slider, and waits for an image that is not there yet.

const SLICES_PER_SECOND = 10;

export class Cine {
  #group;
  #button;
  #speed;
  #speedText;
  #ready;
  #next;
  #frame = 0;

  /** `group` holds button and slider; `ready()` says if the next image is at hand, `next()` shows it. */
  constructor(group, ready, next) {
    this.#group = group;
    this.#button = group.querySelector("button");
    this.#speed = group.querySelector("[data-speed]");
    this.#speedText = group.querySelector("[data-speed-text]");
    this.#ready = ready;
    this.#next = next;
    this.#speed.addEventListener("input", () => this.#say());
  }

  get playing() {
    return this.#frame !== 0;
  }

  /** Take up a series: a cine at the speed it was recorded with; nothing to play where it has one image. */
  begin(images) {
    this.#group.hidden = images.length < 2;
    const time = images[0]?.frameTime;
    this.#speed.value = time ? Math.round(1000 / time) : SLICES_PER_SECOND;
    this.#say();
  }

  start() {
    this.#button.setAttribute("aria-pressed", "true");
    let due = 0;
    const tick = (now) => {
      this.#frame = requestAnimationFrame(tick);
      if (now < due || !this.#ready()) return;
      due = Math.max(now, due + 1000 / Number(this.#speed.value));
      this.#next();
    };
    this.#frame = requestAnimationFrame(tick);
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#button.setAttribute("aria-pressed", "false");
  }

  #say() {
    this.#speedText.textContent = `${this.#speed.value}/s`;
  }
}
