// Times that run: <time data-elapsed>, <time data-until> and the ring of an infusion. They are worked out
// from the server's times in the page at each tick, so that a reload or a sleeping tablet changes nothing.

import { serverNow } from "./clock.js";

const two = (number) => String(number).padStart(2, "0");

/** Seconds that ran since the start, pauses left out. */
function ran({ elapsed, pausedS = 0 }) {
  return Math.max(0, Math.floor((serverNow() - Date.parse(elapsed)) / 1000) - Number(pausedS));
}

const minutes = (s) => `${two(Math.floor(s / 60))}:${two(s % 60)}`;

function span(s) {
  const min = Math.floor(s / 60);
  if (min < 1) return "< 1 min";
  return min < 60 ? `${min} min` : `${Math.floor(min / 60)} h ${two(min % 60)} min`;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function showElapsed(time) {
  if (time.dataset.running !== "0") put(time, minutes(ran(time.dataset)));
}

function showUntil(time) {
  const left = (Date.parse(time.dataset.until) - serverNow()) / 1000;
  const late = left < 0;
  time.classList.toggle("late", late && !("hoped" in time.dataset));
  const pattern = (late ? time.dataset.late : time.dataset.left) || "{time}";
  put(time, pattern.replace("{time}", span(Math.floor(Math.abs(left)))));
}

/** Draw how much of the planned time is over, and say so in a word beside it. */
function showRing(ring) {
  const { plannedS, longS, running } = ring.dataset;
  if (running !== "0") ring.dataset.ran = ran(ring.dataset);
  const s = Number(ring.dataset.ran ?? 0);
  const part = Math.min(1, s / Number(plannedS));
  ring.querySelector("[data-part]").setAttribute("stroke-dashoffset", (100 - part * 100).toFixed(2));
  const state = running === "0" ? "paused" : s >= Number(longS || Infinity) ? "long" : part < 1 ? "runs" : "reached";
  const figure = ring.closest("[data-ring-box]");
  figure.dataset.state = state;
  const say = figure.querySelector("[data-ring-word]");
  if (say?.dataset[state]) put(say, say.dataset[state]);
}

/** Bring every running time on the page up to date. */
export function tick() {
  document.querySelectorAll("time[data-elapsed]").forEach(showElapsed);
  document.querySelectorAll("time[data-until]").forEach(showUntil);
  document.querySelectorAll("svg[data-planned-s]").forEach(showRing);
}

export function start() {
  tick();
  setInterval(tick, 500);
  document.addEventListener("htmx:load", tick);
}
