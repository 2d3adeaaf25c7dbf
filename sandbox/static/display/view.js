// One picture on the stage's canvas: fitted, zoomed, moved.

export class View {
  #canvas;
  #source = document.createElement("canvas");
  #aspect = 1;
  #zoom = 1;
  #shift = { x: 0, y: 0 };

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** The canvas that holds the picture at its own size. */
  get source() {
    return this.#source;
  }

  /** Screen pixels for each image pixel, in per cent of the device's. */
  get magnification() {
    return Math.round(this.#scale() * 100);
  }

  show(aspect) {
    this.#aspect = aspect;
    this.draw();
  }

  reset() {
    this.#zoom = 1;
    this.#shift = { x: 0, y: 0 };
  }

  /** Zoom by a factor so that the point (CSS pixels on the canvas) stays where it is. */
  zoomBy(factor, point) {
    const before = this.#zoom;
    this.#zoom = Math.min(24, Math.max(0.4, before * factor));
    const centre = { x: this.#canvas.clientWidth / 2, y: this.#canvas.clientHeight / 2 };
    const at = point ?? centre;
    for (const axis of ["x", "y"]) {
      const from = at[axis] - centre[axis] - this.#shift[axis];
      this.#shift[axis] -= from * (this.#zoom / before - 1);
    }
  }

  moveBy(x, y) {
    this.#shift.x += x;
    this.#shift.y += y;
  }

  draw() {
    const ratio = globalThis.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (this.#canvas.width !== Math.round(width * ratio) || this.#canvas.height !== Math.round(height * ratio)) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#canvas.getContext("2d", { alpha: false });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    const scale = this.#scale();
    context.setTransform(scale, 0, 0, scale * this.#aspect, (width / 2 + this.#shift.x) * ratio, (height / 2 + this.#shift.y) * ratio);
    context.imageSmoothingEnabled = scale < 6;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#source, -this.#source.width / 2, -this.#source.height / 2);
  }

  #scale() {
    const ratio = globalThis.devicePixelRatio || 1;
    const fit = Math.min(
      (this.#canvas.clientWidth * ratio) / this.#source.width,
      (this.#canvas.clientHeight * ratio) / (this.#source.height * this.#aspect),
    );
    return fit * this.#zoom;
  }
}
