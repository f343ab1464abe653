// Sends a step's form so that nothing typed or scanned is lost: without network the form stays as it is,
// and pressing again sends the same event with the same content.

import { stamp, unstamp } from "./clock.js";
import { forget } from "./draft.js";
import { stepBack, takeAway } from "./refused.js";
import { isOnce } from "./shown.js";
import { Locked, SignedOut, believed, renew } from "./signed_in.js";
import { word } from "./words.js";

const PATIENCE_MS = 20_000;

/** Redraw the page's main part from the server's answer; set by app.js, which knows what to start anew. */
let redraw = () => {};

function busy(form, is) {
  form.toggleAttribute("data-sending", is);
  for (const button of form.querySelectorAll("[data-confirm]")) {
    if (is) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    button.querySelector("[data-label]").textContent = is ? word("sending") : button.dataset.label;
  }
}

function say(form, text, { signIn = false } = {}) {
  const place = form.querySelector("[data-unsent]");
  if (!place) return;
  place.hidden = !text;
  place.querySelector("[data-sign-in]").hidden = !signIn;
  place.querySelector("[data-text]").textContent = text;
}

async function post(form) {
  const answer = await fetch(new URL(form.getAttribute("action") ?? "", location.href), {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "text/html", "X-Form": "fetch" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.status >= 500) throw new Error(`the server answered ${answer.status}`);
  return believed(answer);
}

async function send(form) {
  let answer = await post(form);
  if (answer.status === 400 && (await renew())) answer = await post(form);
  if (answer.redirected) {
    takeAway();
    forget();
    if (!isOnce(answer)) return () => location.assign(answer.url);
    const html = await answer.text();
    return () => {
      history.replaceState(history.state, "", answer.url);
      redraw(html);
    };
  }
  const html = await answer.text();
  return () => redraw(html);
}

/** Whether a lost answer leaves open that the step is on record: only what never left this device surely is not. */
function unsent(form, error, wasOffline) {
  if (error instanceof Locked) return say(form, error.message);
  if (error instanceof SignedOut) return say(form, error.message, { signIn: true });
  if (!wasOffline) form.dataset.unanswered = "";
  say(form, word("unanswered" in form.dataset ? "unanswered" : "unsent"));
}

/** With the connection back nobody is told that there is none; what may be on record already stays said. */
function backOnline() {
  for (const form of document.querySelectorAll("form[data-step]:not([data-unanswered])")) {
    const place = form.querySelector("[data-unsent]");
    if (place?.querySelector("[data-sign-in]").hidden) say(form, "");
  }
}

async function submit(event) {
  const form = event.target.closest("form[data-step]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  if ("sending" in form.dataset) return;
  if ("asking" in form.dataset) return say(form, word("stillAsking"));
  stamp(form);
  stepBack();
  say(form, "");
  busy(form, true);
  const wasOffline = !navigator.onLine;
  try {
    (await send(form))();
  } catch (error) {
    busy(form, false);
    unsent(form, error, wasOffline);
  }
}

function changed(event) {
  const form = event.target.closest?.("form[data-step]");
  if (!form) return;
  unstamp(form);
  stepBack();
}

/** Fields of a form that is no step, but says when it was done. */
function stampPlain(event) {
  if (event.target.matches("form[data-occurred]:not([data-step])")) stamp(event.target);
}

export function start(onAnswer) {
  redraw = onAnswer;
  document.addEventListener("submit", submit);
  document.addEventListener("submit", stampPlain, true);
  document.addEventListener("input", changed);
  addEventListener("online", backOnline);
  // A page out of the browser's memory may still be sending; it is not.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-sending]").forEach((form) => busy(form, false));
  });
}
