// Hears a keyboard-wedge scanner, whatever has the focus.
//
// A scanner types faster than any hand: a burst is 6 keys or more with less than 50 ms between them. Once
// that is sure, 120 ms are allowed, for a scanner that hesitates. It ends with Enter or Tab, or, from 10 keys
// on, with 120 ms of silence. Its end presses no button, and the field that had the focus gets its text back.
//
// Security keys and password managers type as fast. So what lands in a password field is a scan only when a key
// ends it and it reads as a code; what was typed before it stays there, and no password is ever sent as a scan.

import { scanIn } from "./secret.js";

const GAP_MS = 50;
const SURE = 6;
const SILENCE_MS = 120;
const SURE_WITHOUT_END = 10;
/** In a password field the code itself tells the scanner: a machine that is busy may deliver a key late. */
const HICCUP_MS = 250;
/** Some scanners send a second end (CR and LF), or send it late. */
const ECHO_MS = 300;

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"]);
const ENDS = new Set(["Enter", "Tab"]);
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

function patience() {
  if (isSecret()) return HICCUP_MS;
  return burst.text.length >= SURE ? SILENCE_MS : GAP_MS;
}

function drop() {
  clearTimeout(burst?.timer);
  burst = null;
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Leave in the burst what is scanned, and in the password what was typed before it; say whether anything is. */
function isScan() {
  if (!isSecret()) return burst.text.length >= SURE;
  const start = scanIn(burst.text, burst.times);
  if (start < 0) return false;
  if (start > 0) keepTyped(burst.before, burst.text.slice(0, start));
  burst.text = burst.text.slice(start);
  return true;
}

function keepTyped(before, typed) {
  const { value, selectionStart: from, selectionEnd: to } = before;
  before.value = value.slice(0, from) + typed + value.slice(to);
  before.selectionStart = before.selectionEnd = from + typed.length;
}

function finish(at) {
  const { text, before } = burst;
  drop();
  endedAt = at;
  restore(before);
  if (before.element?.matches?.("[data-takes-scan]")) {
    before.element.value = text;
    before.element.dispatchEvent(new Event("input", { bubbles: true }));
    return;
  }
  const detail = { text, source: "wedge", symbology: "" };
  document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
}

function end(event) {
  if (burst && event.timeStamp - burst.at < patience() && isScan()) {
    swallow(event);
    finish(event.timeStamp);
  } else if (event.timeStamp - endedAt < ECHO_MS) {
    swallow(event);
  } else {
    drop();
  }
}

const moved = () => document.activeElement !== burst.before.element;

function take(event, key) {
  if (burst && (event.timeStamp - burst.at >= patience() || (isSecret() && moved()))) drop();
  burst ??= { text: "", times: [], before: snapshot(document.activeElement) };
  burst.text += key;
  for (let i = 0; i < key.length; i += 1) burst.times.push(event.timeStamp);
  burst.at = event.timeStamp;
  // The answer to the scan before may move the focus in the middle of this one.
  const stray = moved() || !editable(document.activeElement);
  const unwanted = stray && (burst.text.length > 1 || COMMANDS.has(key));
  if (key === "\x1d" || unwanted) event.preventDefault();
  clearTimeout(burst.timer);
  if (burst.text.length >= SURE_WITHOUT_END && !isSecret()) burst.timer = setTimeout(() => finish(burst.at), SILENCE_MS);
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
  const scanned = burst?.text.length > 1 || event.timeStamp - endedAt < ECHO_MS;
  if (event.key === " " && scanned && !editable(document.activeElement)) event.preventDefault();
}

export function start() {
  addEventListener("keydown", onKeydown, { capture: true });
  addEventListener("keyup", onKeyup, { capture: true });
}
