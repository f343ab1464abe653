// Hears a keyboard-wedge scanner, whatever has the focus.
//
// A scanner types faster than any hand: a burst is 6 keys or more with less than 50 ms between them, and from then on
// it may hesitate. It ends with Enter or Tab, or, from 10 keys on, with silence. Its end presses no button, and the
// field that had the focus gets its text back.
//
// A busy machine delivers keys late, in the first six too, and before this script runs. So all keys of the last second
// are remembered as one run, and what belongs to the scan is decided at its end: from where a code begins that the
// run ends with; where none does, the whole run if it came at a scanner's pace or into a field for codes.
//
// Security keys and password managers type as fast. So what lands in a password field is a scan only when a key
// ends it and it reads as a code; what was typed before it stays there, and no password is ever sent as a scan.

import { joined, onUs } from "./keys.js";
import { atPace, codeIn, isWhole, scanIn } from "./secret.js";

const GAP_MS = 50;
const SURE = 6;
/** How long a sure burst may hesitate, and the silence that ends one without an end key. */
const SILENCE_MS = 400;
/** The silence after one of our own codes, whole: who types a password next waits no longer. */
const WHOLE_MS = 120;
const SURE_WITHOUT_END = 10;
/** Keys further apart are of two runs. */
const RUN_MS = 1000;
/** In a password field the code itself tells the scanner: a machine that is busy may deliver a key late. */
const HICCUP_MS = 250;
/** Some scanners send a second end (CR and LF), or send it late. */
const ECHO_MS = 300;

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);
const ENDS = new Set(["Enter", "Tab"]);
/** Fields that hold nothing but codes. */
const FOR_CODES = "[data-scan-go] [name=raw], [data-entry]";
/** Keys that some browsers take for commands of their own when no field has the focus. */
const COMMANDS = new Set(["/", "'"]);

let burst = null;
let endedAt = -Infinity;

function symbol(event) {
  const altGr = event.getModifierState("AltGraph");
  if (event.ctrlKey && !altGr) {
    const group = event.key === "]" || event.code === "BracketRight" || event.key === "\x1d";
    return group ? "\x1d" : null;
  }
  if (event.metaKey || (event.altKey && !altGr)) return null;
  if (event.key === "Dead") return "\ufffd"; // a dead key of another layout: it must not vanish unseen
  return [...event.key].length === 1 ? event.key : null;
}

const editable = (element) =>
  element instanceof HTMLTextAreaElement ||
  (element instanceof HTMLInputElement && !/^(button|checkbox|file|image|radio|reset|submit)$/.test(element.type));

/** Keep what the focused field held before the burst. */
function snapshot(element) {
  if (!editable(element) && !(element instanceof HTMLSelectElement)) return { element };
  const { value, selectionStart = null, selectionEnd = null } = element;
  return { element, value, selectionStart, selectionEnd };
}

function restore({ element, value, selectionStart, selectionEnd }) {
  if (value === undefined || element.value === value) return;
  element.value = value;
  if (selectionStart !== null) element.setSelectionRange(selectionStart, selectionEnd);
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

const isSecret = () => burst.before.element?.type === "password";

/** How many of the run's last keys came as a scanner types. */
const fast = () => burst.text.length - burst.fastFrom;

function patience() {
  if (isSecret()) return HICCUP_MS;
  return fast() >= SURE ? SILENCE_MS : GAP_MS;
}

/** A password manager types a login and Tab as fast as a scanner: in a field for words that is no scan. */
function isText() {
  const { element } = burst.before;
  return editable(element) && !element.matches(FOR_CODES);
}

function drop() {
  clearTimeout(burst?.timer);
  burst = null;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Give where in the run the scan begins, or -1 when it is none. */
function scanFrom(now, byTab) {
  const { text, times } = burst;
  const paced = scanIn(text, times);
  if (isSecret()) return now - burst.at < HICCUP_MS ? paced : -1;
  if (paced >= 0) return paced;
  if (fast() < SURE || now - burst.at >= patience()) return -1;
  const start = codeIn(text);
  if (start >= 0) return start;
  if (byTab && isText()) return -1;
  return atPace(times, 0) || burst.before.element?.matches?.(FOR_CODES) ? 0 : burst.fastFrom;
}

/** Leave in the run what is scanned, and in the field what was typed before it; say whether anything is. */
function isScan(now, byTab = false) {
  const start = scanFrom(now, byTab);
  if (start < 0) return false;
  if (start > 0 && burst.before.value !== undefined) keepTyped(burst.before, burst.text.slice(0, start));
  burst.text = burst.text.slice(start);
  burst.keys = burst.keys.slice(start);
  return true;
}

function keepTyped(before, typed) {
  const { value, selectionStart, selectionEnd } = before;
  const [from, to] = [selectionStart ?? value.length, selectionEnd ?? value.length];
  before.value = value.slice(0, from) + typed + value.slice(to);
  if (selectionStart !== null) before.selectionStart = before.selectionEnd = from + typed.length;
}

function finish(at, ended = "") {
  const { text, keys, before } = burst;
  drop();
  endedAt = at;
  restore(before);
  if (before.element?.matches?.("[data-takes-scan]")) {
    before.element.value = text;
    before.element.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const detail = { text, source: "wedge", symbology: "", keys: joined(keys), ended };
  document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
}

function end(event) {
  if (burst && event.timeStamp - burst.at < RUN_MS && isScan(event.timeStamp, event.key === "Tab")) {
    swallow(event);
    finish(event.timeStamp, event.key);
  } else if (event.timeStamp - endedAt < ECHO_MS) {
    swallow(event);
  } else {
    drop();
  }
}

function over() {
  if (isScan(burst.at)) finish(burst.at);
  else drop();
}

/** A scanner without end key has fallen silent: the rest of what is no code yet is waited for a little longer. */
function silent() {
  if (codeIn(burst.text) < 0) burst.timer = setTimeout(over, RUN_MS - SILENCE_MS);
  else over();
}

const moved = () => document.activeElement !== burst.before.element;

function take(event, key, before = snapshot(document.activeElement)) {
  const gap = burst ? event.timeStamp - burst.at : 0;
  if (burst && (gap >= (isSecret() ? HICCUP_MS : RUN_MS) || (isSecret() && moved()))) drop();
  burst ??= { text: "", times: [], keys: [], before, fastFrom: 0 };
  if (gap >= patience()) burst.fastFrom = burst.text.length;
  burst.text += key;
  burst.keys.push(key === "\x1d" ? key : onUs(event), ...Array(key.length - 1).fill(""));
  for (let i = 0; i < key.length; i += 1) burst.times.push(event.timeStamp);
  burst.at = event.timeStamp;
  // The answer to the scan before may move the focus in the middle of this one.
  const stray = moved() || !editable(document.activeElement);
  const unwanted = stray && (fast() > 1 || COMMANDS.has(key));
  if (key === "\x1d" || unwanted) event.preventDefault();
  clearTimeout(burst.timer);
  if (fast() >= SURE_WITHOUT_END && !isSecret()) {
    burst.timer = setTimeout(silent, isWhole(burst.text) ? WHOLE_MS : SILENCE_MS);
  }
}

function onKeydown(event) {
  if (MODIFIERS.has(event.key)) return;
  if (ENDS.has(event.key) && !event.repeat) return end(event);
  if (event.ctrlKey && /^[jm]$/i.test(event.key) && event.timeStamp - endedAt < ECHO_MS) return swallow(event);
  const key = event.repeat ? null : symbol(event); // a key held down repeats fast and is no scanner
  if (key === null) drop();
  else take(event, key);
}

/** A button is pressed by the release of the space bar. */
function onKeyup(event) {
  const scanned = (burst && fast() > 1) || event.timeStamp - endedAt < ECHO_MS;
  if (event.key === " " && scanned && !editable(document.activeElement)) event.preventDefault();
}

/** Take what was typed before this script ran: `early.js` kept it, with what its field held before. */
function catchUp() {
  for (const { event, before } of window.custodyEarly?.stop() ?? []) {
    if (MODIFIERS.has(event.key) || event.repeat) continue;
    if (ENDS.has(event.key)) end(event);
    else if (symbol(event) === null) drop();
    else take(event, symbol(event), before);
  }
  if (burst) burst.at = performance.now(); // it was the page that was slow, not the scanner
}

export function start() {
  addEventListener("keydown", onKeydown, { capture: true });
  addEventListener("keyup", onKeyup, { capture: true });
  queueMicrotask(catchUp); // once all that hears a scan has started
}
