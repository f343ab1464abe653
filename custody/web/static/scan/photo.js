// A photo instead of the live camera: read here when possible, else by the server.

import { drawn } from "./canvas.js";
import { byServer, decoder, textOf } from "./decoder.js";
import { show, wrong } from "./status.js";
import { word } from "../words.js";

const middle = (read) => Math.hypot(read.x - 0.5, read.y - 0.5);

async function symbolOf(file) {
  const picture = await createImageBitmap(file);
  const canvas = drawn(picture, picture.width, picture.height);
  const reads = await (await decoder()).read(canvas).catch(() => []);
  const [best] = reads.filter((read) => read.text).toSorted((one, other) => middle(one) - middle(other));
  if (best) return best;
  const answer = await byServer(canvas);
  return { text: textOf(answer), symbology: answer.symbology ?? "", answer };
}

async function read(file) {
  show("asking");
  const found = await symbolOf(file);
  if (!found.text) return wrong(found.answer);
  const detail = { text: found.text, source: "photo", symbology: found.symbology };
  document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
}

async function chosen({ target: input }) {
  if (!input.matches?.("[data-photo]") || !input.files.length) return;
  const [file] = input.files;
  input.value = "";
  try {
    await read(file);
  } catch {
    wrong({ text: word("noPhoto"), advice: word("noPhotoAdvice") });
  }
}

/** Show the buttons that need this script, and hide the one that it replaces. */
export function draw() {
  document.querySelectorAll("[data-photo]").forEach((input) => (input.parentElement.hidden = false));
  document.querySelectorAll("[data-send-photo]").forEach((button) => (button.hidden = true));
}

export function start() {
  draw();
  document.addEventListener("change", chosen);
}
