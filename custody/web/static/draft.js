// What stands in a step's form outlives a reload, Back and another language: each page's in this tab alone, for half an
// hour, until it is recorded; two minutes where things have to be in the hand (data-in-hand): a scan that is older says
// nothing of now. Never a password; and nothing of it once nobody, or somebody else, is signed in here.

import { keep, names, recall } from "./keep.js";

const STORE = "sessionStorage";
const LASTS_MS = 30 * 60_000;
const IN_HAND_MS = 2 * 60_000;
const OURS = "draft.";

const reader = () => document.querySelector("meta[name=person]")?.content ?? "";
const form = () => document.querySelector("form[data-step]");
const place = () => `${OURS}${reader()} ${location.pathname}${location.search}`;

const ticked = (field) => /^(radio|checkbox)$/.test(field.type);
const kept = (field) => field.name && !/^(password|hidden|file|submit|button)$/.test(field.type);
const fields = () => [...(form()?.elements ?? [])].filter(kept);

/** Give a form's fields as they stand: (name, value or whether it is ticked), each radio button by itself. */
const standing = () => fields().map((field) => [field.name, ticked(field) ? field.checked && field.value : field.value]);

function save(event) {
  if (!event.target.closest?.("form[data-step]") || event.target.type === "password") return;
  keep(place(), JSON.stringify({ at: Date.now(), fields: standing() }), STORE);
}

/** Nothing is left for others who use this device. */
function tidy() {
  for (const name of names(STORE)) if (name.startsWith(OURS) && !name.startsWith(`${OURS}${reader()} `)) keep(name, null, STORE);
}

function fill(field, value) {
  if (ticked(field)) field.checked = value === field.value;
  else field.value = value;
}

function restore() {
  const { at = 0, fields: was = [] } = JSON.parse(recall(place(), STORE) ?? "{}");
  const now = fields();
  const same = was.length === now.length && was.every(([name], i) => name === now[i].name);
  const lasts = form().dataset.inHand === undefined ? LASTS_MS : IN_HAND_MS;
  if (!same || Date.now() - at > lasts) return keep(place(), null, STORE);
  now.forEach((field, i) => fill(field, was[i][1]));
}

/** What is on record needs no draft. */
export function forget() {
  keep(place(), null, STORE);
}

export function start() {
  tidy();
  if (reader() && form()) restore();
  for (const name of ["input", "change"]) document.addEventListener(name, save);
}
