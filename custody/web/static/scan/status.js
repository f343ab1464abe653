// The panel that says what a scan came to: waiting, done, asking, right, wrong, offline. A page and the camera's
// dialog each have one; a page without gets the one that base.html keeps at its edge.

import { tone } from "./signal.js";

/** Long enough to read what fits; what does not fit stays until it is dismissed. */
const READ_MS = 5000;

const retries = new Set();
let expected = { text: "", done: false };
let reading;

const panels = () => {
  const all = [...document.querySelectorAll("[data-status]")];
  const own = all.filter((panel) => !panel.matches(".toast"));
  return own.some((panel) => !panel.closest("dialog")) ? own : all;
};

/** Make the unprintable separator of GS1 visible. */
export const visible = (raw) => raw.replaceAll("\x1d", "\u241d");

function fill(panel, state, { text = "", advice = "", raw = "" }) {
  panel.dataset.state = state;
  panel.querySelector("[data-text]").textContent = text || panel.querySelector("[data-text]").dataset[state] || "";
  panel.querySelector("[data-advice]").textContent = advice;
  panel.querySelector("[data-raw]").textContent = visible(raw);
  panel.querySelector("[data-retry]").hidden = state !== "offline";
}

/** Show a state in all panels in sight. */
export function show(state, say = {}) {
  clearTimeout(reading);
  panels().forEach((panel) => fill(panel, state, say));
}

/** Show what is to be scanned next. */
export function wait() {
  show(expected.done ? "done" : "waiting", expected);
}

/** Say what is to be scanned next, or that all is. */
export function expect(text, done) {
  expected = { text, done };
}

/** Say, by sight, sound and touch, that a scan fits. */
export function right(say) {
  show("right", say);
  reading = setTimeout(wait, READ_MS);
  tone("right");
}

/** Say that it does not, why, and what to do. */
export function wrong(say) {
  show("wrong", say);
  tone("wrong");
}

/** Add to what the button "try again" does. */
export function onRetry(action) {
  retries.add(action);
}

export function start() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) retries.forEach((action) => action());
    if (event.target.closest("[data-dismiss]")) wait();
  });
}
