// Stored values to grey on a screen: rescale, window (PS3.3 C.11.2.1.2, LINEAR), MONOCHROME1, invert.

/** Windows that readers know by name, in Hounsfield units. */
export const CT_PRESETS = [
  { name: "Mediastinum", centre: 40, width: 400 },
  { name: "Lung", centre: -600, width: 1500 },
  { name: "Bone", centre: 500, width: 2200 },
  { name: "Brain", centre: 40, width: 80 },
  { name: "Liver", centre: 80, width: 180 },
];

/** The window an image asks for, or one that spans its values. */
export function ownWindow(image, picture) {
  if (image.windows.length) return image.windows[0];
  let low = Infinity;
  let high = -Infinity;
  for (const value of picture.stored) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const [bottom, top] = [low, high].map((value) => value * image.slope + image.intercept);
  return { name: "Full range", centre: (bottom + top) / 2, width: Math.max(1, top - bottom) };
}

/** Paint the grey picture into the canvas, which takes the image's size. */
export function paintGrey(canvas, image, picture, window, invert) {
  canvas.width = image.columns;
  canvas.height = image.rows;
  const context = canvas.getContext("2d");
  const target = context.createImageData(image.columns, image.rows);
  const pixels = new Uint32Array(target.data.buffer);
  const shades = shadesOf(image, window, image.inverted !== invert);
  const { stored } = picture;
  for (let n = 0; n < pixels.length; n += 1) pixels[n] = shades[stored[n] & 0xffff];
  context.putImageData(target, 0, 0);
}

/** For every 16-bit stored value the opaque grey pixel, as it lies in memory. */
function shadesOf(image, window, turned) {
  const shades = new Uint32Array(image.bits === 8 ? 256 : 65536);
  const centre = window.centre - 0.5;
  const width = Math.max(window.width - 1, 1e-6);
  for (let n = 0; n < shades.length; n += 1) {
    const value = (image.signed && n > 32767 ? n - 65536 : n) * image.slope + image.intercept;
    const share = Math.min(1, Math.max(0, (value - centre) / width + 0.5));
    const grey = Math.round((turned ? 1 - share : share) * 255);
    shades[n] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
  return shades;
}
