// Asks the archive (DICOMweb, PS3.18) for a study's images and their pixels.

const TAGS = {
  seriesUid: "0020000E", sopUid: "00080018", instanceNumber: "00200013", frames: "00280008", rows: "00280010", columns: "00280011",
  bits: "00280100", signed: "00280103", samples: "00280002", photometric: "00280004", slope: "00281053", intercept: "00281052",
  centres: "00281050", widths: "00281051", windowNames: "00281055", frameTime: "00181063", modality: "00080060",
  spacing: "00280030", imagerSpacing: "00181164",
};
const KEPT_BYTES = 256 * 1024 * 1024;

const values = (header, name) => header[TAGS[name]]?.Value ?? [];
const first = (header, name, absent) => values(header, name)[0] ?? absent;

/** All frames of a study in reading order: Map of series UID -> array of images. */
export async function studyImages(archive, study) {
  const address = `${archive}/studies/${study}`;
  const answer = await fetch(`${address}/metadata`, { headers: { Accept: "application/dicom+json" } });
  if (!answer.ok) throw new Error(`The archive answered ${answer.status}.`);
  const series = new Map();
  for (const header of await answer.json()) {
    const uid = first(header, "seriesUid");
    if (!series.has(uid)) series.set(uid, []);
    series.get(uid).push(...framesOf(header, `${address}/series/${uid}/instances/${first(header, "sopUid")}`));
  }
  return series;
}

function framesOf(header, address) {
  const [tall, wide] = [...values(header, "spacing"), ...values(header, "imagerSpacing"), 1, 1];
  const common = {
    modality: first(header, "modality"),
    rows: first(header, "rows"),
    columns: first(header, "columns"),
    aspect: wide && tall ? tall / wide : 1,
    bits: first(header, "bits"),
    signed: first(header, "signed") === 1,
    colour: first(header, "samples") > 1 || first(header, "photometric") === "PALETTE COLOR",
    inverted: first(header, "photometric") === "MONOCHROME1",
    slope: first(header, "slope", 1),
    intercept: first(header, "intercept", 0),
    windows: windowsOf(header),
    frameTime: first(header, "frameTime"),
  };
  const count = Number(first(header, "frames", 1));
  return Array.from({ length: count }, (_, index) => ({ ...common, address: `${address}/frames/${index + 1}` }));
}

function windowsOf(header) {
  const widths = values(header, "widths");
  const names = values(header, "windowNames");
  return values(header, "centres").map((centre, n) => ({ centre, width: widths[n], name: names[n] ?? "Stored" }));
}

/** Keeps what was fetched, newest use last, and lets the oldest go beyond 256 MB. */
export class Pictures {
  #kept = new Map();
  #bytes = 0;

  /** The picture of an image: {stored} for grey (a typed array of stored values) or {bitmap} for colour. */
  load(image) {
    const kept = this.#kept.get(image.address) ?? { picture: image.colour ? colour(image) : grey(image), bytes: 0 };
    this.#kept.delete(image.address);
    this.#kept.set(image.address, kept);
    if (!kept.bytes) this.#account(image, kept);
    return kept.picture;
  }

  has(image) {
    return this.#kept.get(image.address)?.ready === true;
  }

  #account(image, kept) {
    kept.bytes = image.rows * image.columns * (image.colour ? 4 : image.bits / 8);
    this.#bytes += kept.bytes;
    kept.picture.then(
      () => { kept.ready = true; },
      () => { this.#forget(image.address); },
    );
    for (const address of this.#kept.keys()) {
      if (this.#bytes <= KEPT_BYTES || address === image.address) break;
      this.#forget(address);
    }
  }

  #forget(address) {
    this.#bytes -= this.#kept.get(address)?.bytes ?? 0;
    this.#kept.delete(address);
  }
}

async function colour(image) {
  const answer = await fetch(`${image.address}/rendered?quality=92`, { headers: { Accept: "image/jpeg" } });
  if (!answer.ok) throw new Error(`The archive answered ${answer.status}.`);
  return { bitmap: await createImageBitmap(await answer.blob()) };
}

async function grey(image) {
  const accept = 'multipart/related; type="application/octet-stream"';
  const answer = await fetch(image.address, { headers: { Accept: accept } });
  if (!answer.ok) throw new Error(`The archive answered ${answer.status}.`);
  const body = onlyPart(await answer.arrayBuffer());
  if (image.bits === 8) return { stored: new Uint8Array(body) };
  return { stored: image.signed ? new Int16Array(body) : new Uint16Array(body) };
}

/** The one part of a multipart/related answer; its head names its length. */
function onlyPart(body) {
  const head = new TextDecoder("latin1").decode(body.slice(0, 1024));
  const start = head.indexOf("\r\n\r\n") + 4;
  const length = Number(/content-length:\s*(\d+)/i.exec(head)?.[1]);
  return body.slice(start, start + length);
}
