// A sign-in that nobody uses is locked by the server. The open page says so and stays as it is: what runs goes on, what
// was typed stays, and the password opens it in place. Keys, touches and scans are its use; the server is told of them.

import { token, word } from "./words.js";

const PATIENCE_MS = 10_000;
const AGAIN_MS = 5_000;
const USES = ["pointerdown", "keydown", "custody:scan"];

const bar = () => document.querySelector("form[data-lock]");

let toldAt = Date.now();
let timer = 0;

function ask(path, fields) {
  const body = fields && new FormData();
  for (const [name, value] of Object.entries(fields ? { ...fields, csrf_token: token() } : {})) body.append(name, value);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return fetch(path, { method: body ? "POST" : "GET", body, redirect: "manual", cache: "no-store", signal });
}

/** Look again after a time, at the latest: a tablet that slept looks when it wakes. */
function lookAfter(ms) {
  clearTimeout(timer);
  timer = setTimeout(look, ms);
}

/** Only the server knows whether another tab was used. */
async function look() {
  try {
    const answer = await ask("/lock");
    if (!answer.ok) return lookAfter(Number(bar().dataset.lock) * 1000);
    const { left_s: left } = await answer.json();
    if (left > 0) open();
    else show();
    lookAfter(left > 0 ? left * 1000 + 500 : AGAIN_MS);
  } catch {
    lookAfter(AGAIN_MS); // without a network nothing can be done here anyhow
  }
}

/** Say that it is locked. */
function show(text = word("locked")) {
  bar().hidden = false;
  const place = bar().querySelector("[data-text]");
  if (place.textContent !== text) place.textContent = text;
}

function open() {
  if (bar().hidden) return;
  bar().hidden = true;
  bar().reset();
  document.querySelector("main").focus({ preventScroll: true });
}

async function used() {
  if (!bar().hidden || Date.now() - toldAt < Number(bar().dataset.toldEvery) * 1000) return;
  toldAt = Date.now();
  try {
    const answer = await ask("/used", {});
    if (answer.type === "opaqueredirect") look();
  } catch {
    toldAt = 0; // the next key says it
  }
}

async function unlock(event) {
  if (event.target !== bar()) return;
  event.preventDefault();
  try {
    const answer = await ask("/unlock", { password: bar().elements.password.value });
    const { ok, text } = answer.headers.get("Content-Type")?.includes("json")
      ? await answer.json()
      : { ok: false, text: word("signedOut") };
    bar().elements.password.value = "";
    if (!ok) return show(text);
    open();
    toldAt = Date.now();
    look();
  } catch {
    show(word("unlockFailed"));
  }
}

/** What was pressed was refused because of the lock. */
function refused() {
  show();
  bar().elements.password.focus();
}

export function start() {
  if (!bar()) return;
  lookAfter(Number(bar().dataset.lock) * 1000 + 500);
  for (const name of USES) addEventListener(name, used, { capture: true, passive: true });
  document.addEventListener("submit", unlock);
  document.addEventListener("custody:locked", refused);
  document.addEventListener("custody:look", look); // what the page fetched by itself was not answered
  document.addEventListener("visibilitychange", () => document.hidden || look());
  addEventListener("pageshow", ({ persisted }) => persisted && look());
}
