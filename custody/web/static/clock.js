// The server's time on a device whose clock may be wrong, and forms that say when something was done: by the server's
// time, for what this device's clock says is no fact. How far it was off goes on record too.

import { keep, recall } from "./keep.js";
import { word } from "./words.js";

const TOLERATED_S = 60;
const MOST_SKEW_S = 1_000_000; // what the server takes: a clock that is off by more delays no step
const KEPT = "skew_ms";
const ANEW_MS = 60_000;
const RIGHT_MS = 5_000; // what a slow network and a busy tablet make of a right clock: two steps keep their order
const SLOWEST_MS = 2_000; // of an answer that took longer nobody knows when the server wrote it

/** Milliseconds that this device's clock is ahead of the server's. */
let skewMs = measure();

function measure() {
  const said = Date.parse(document.querySelector("meta[name=now]")?.content ?? "");
  if (Number.isNaN(said)) return 0;
  const [arrival] = performance.getEntriesByType("navigation");
  // A page out of the browser's memory says the time of then: the last fresh page knew better.
  if (arrival?.type === "back_forward") return Number(recall(KEPT, "sessionStorage") ?? 0);
  const sinceArrival = performance.now() - (arrival?.responseStart ?? 0);
  return kept(Date.now() - sinceArrival - said);
}

function kept(skew) {
  keep(KEPT, String(Math.round(skew)), "sessionStorage");
  return Math.round(skew);
}

/** Ask the server what time it is: a clock may be set, or a tablet wake up, while the page is open. */
async function measureAnew() {
  const asked = performance.now();
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(SLOWEST_MS) });
    const said = Date.parse((await answer.json()).now);
    const trip = performance.now() - asked;
    if (Number.isNaN(said) || trip > SLOWEST_MS) return;
    skewMs = kept(Date.now() - trip / 2 - said);
    warn();
  } catch {
    // without a network the last one holds
  }
}

/** Give the time in milliseconds as the server would. */
export const serverNow = () => Date.now() - skewMs;

/** Give when something is done now: by a clock that is right, as far as that can be told, its own time. */
const doneNow = () => (Math.abs(skewMs) < RIGHT_MS ? Date.now() : serverNow());

/** Give the seconds that this device's clock is ahead, as the server takes them. */
export const skewS = () => Math.min(Math.max(Math.round(skewMs / 1000), -MOST_SKEW_S), MOST_SKEW_S);

/** Write an instant, as the server would tell it, as ISO 8601 with this device's offset. */
export function isoLocal(ms = doneNow()) {
  const ahead = -new Date(ms).getTimezoneOffset();
  const wall = new Date(ms + ahead * 60_000).toISOString().slice(0, 23);
  const [h, min] = [Math.floor(Math.abs(ahead) / 60), Math.abs(ahead) % 60];
  return `${wall}${ahead < 0 ? "-" : "+"}${String(h).padStart(2, "0")}:${String(min).padStart(2, "0")}`;
}

/** Write the server's time as a datetime-local field in a zone holds it. */
export function wallClock(zone, ms = serverNow()) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" })
    .format(ms)
    .replace(" ", "T");
}

/** Say in the form when its step was done; a second sending of the same says the same, and that it was held up. */
export function stamp(form) {
  if (!("occurred" in form.dataset)) return;
  if (form.elements.occurred_at?.value) return put(form, "held_up", "yes");
  put(form, "occurred_at", isoLocal());
  put(form, "skew_s", skewS());
}

/** A changed form is another statement, made at another time. */
export function unstamp(form) {
  for (const name of ["occurred_at", "held_up"]) if (form.elements[name]) form.elements[name].value = "";
}

function put(form, name, value) {
  const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { name }));
  field.type = "hidden";
  field.value = value;
}

function warn() {
  const bar = document.querySelector("[data-clock-bar]");
  const off = Math.abs(skewMs) / 1000;
  if (!bar) return;
  bar.hidden = off <= TOLERATED_S;
  if (bar.hidden) return;
  const skew = off < 5400 ? `${Math.round(off / 60)} min` : `${Math.round(off / 3600)} h`;
  bar.querySelector("[data-text]").textContent = word(skewMs > 0 ? "clockAhead" : "clockBehind", { skew });
}

/** Fill a time field with the present minute when its button is pressed. */
function now(event) {
  const button = event.target.closest("[data-now]");
  if (!button) return;
  const field = document.getElementById(button.dataset.now);
  field.value = wallClock(button.dataset.zone);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function start() {
  warn();
  document.addEventListener("click", now);
  setInterval(measureAnew, ANEW_MS);
  addEventListener("online", measureAnew);
  document.addEventListener("visibilitychange", () => document.hidden || measureAnew());
  const [arrival] = performance.getEntriesByType("navigation");
  if (arrival?.responseStart - arrival?.requestStart > SLOWEST_MS) measureAnew();
}
