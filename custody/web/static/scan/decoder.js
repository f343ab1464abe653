// Reads the symbols of a picture on a canvas: by our worker, else by the browser, else by the server.

import { post } from "./line.js";

const PHOTO_URL = () => document.querySelector("meta[name=scan-photo]").content;
const START_MS = 20_000;

let chosen;

/** Start the worker; fails when WebAssembly or the vendored reader is not there. */
function startWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url));
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the worker does not start")), START_MS);
    worker.onmessage = ({ data }) => (data.ready ? resolve(worker) : reject(new Error(data.failed)));
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    worker.addEventListener("message", () => clearTimeout(late), { once: true });
  });
}

async function byWorker() {
  const worker = await startWorker();
  const read = (canvas) =>
    new Promise((resolve, reject) => {
      const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      worker.onmessage = ({ data }) => (data.reads ? resolve(data.reads) : reject(new Error(data.failed)));
      worker.postMessage(image, [image.data.buffer]);
    });
  return { read, pause_ms: 0 };
}

const NATIVE = { qr_code: "QRCode", code_128: "Code128", data_matrix: "DataMatrix" };

async function byBrowser() {
  const detector = new BarcodeDetector({ formats: Object.keys(NATIVE) });
  const described = ({ rawValue, format, boundingBox: box }, { width, height }) => ({
    text: rawValue,
    symbology: NATIVE[format],
    x: (box.x + box.width / 2) / width,
    y: (box.y + box.height / 2) / height,
  });
  const read = async (canvas) => (await detector.detect(canvas)).map((found) => described(found, canvas));
  await detector.detect(new ImageData(8, 8));
  return { read, pause_ms: 100 };
}

/** Let the server read a picture. Gives its answer as it is. */
export async function byServer(canvas) {
  const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
  return post(PHOTO_URL(), { photo: new File([photo], "photo.jpg", { type: "image/jpeg" }) });
}

/** Give what the server read, which may be a code that it refuses: the scan that follows says why. */
export const textOf = (answer) => (answer.ok ? answer.code : answer.raw) ?? "";

const server = {
  async read(canvas) {
    const answer = await byServer(canvas);
    return [{ text: textOf(answer), symbology: answer.symbology ?? "", x: 0.5, y: 0.5 }];
  },
  pause_ms: 1000,
};

const left = [byWorker, byBrowser];

async function best() {
  while (left.length) {
    try {
      return await left[0]();
    } catch {
      left.shift();
    }
  }
  return server;
}

/** Give the best reader that works here: `read(canvas)` → [{text, symbology, x, y}], x and y from 0 to 1. */
export function decoder() {
  chosen ??= best();
  return chosen;
}

/** Give a reader that failed in the middle up for the next. */
export function giveUp() {
  left.shift();
  chosen = undefined;
}
