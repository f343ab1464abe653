// On the page of a step: a scan goes into the first empty field that takes its kind, and shows there as a chip.
//
// Each field is `<div data-scan="KIND,KIND" data-name data-many="0|1" [data-fixed]>`; KIND may be `any`. The
// control that is sent (`[data-holder]`) is what a browser without scripts shows; here it steps back, and
// `[data-entry]` takes what is typed.

import { word } from "../words.js";
import { same } from "./belief.js";
import { line } from "./line.js";
import { expect, right, visible, wait, wrong } from "./status.js";

const all = () => [...document.querySelectorAll("[data-scan]")];
const holder = (box) => box.querySelector("[data-holder]");
const entry = (box) => box.querySelector("[data-entry]");
const isMany = (box) => box.dataset.many === "1";
const values = (box) => holder(box).value.split("\n").map((text) => text.trim()).filter(Boolean);
const kinds = (box) => box.dataset.scan.split(",");
const takes = (box, kind) => kinds(box).includes(kind) || kinds(box).includes("any");
const isEmpty = (box) => values(box).length === 0;
const isFixed = (box) => "fixed" in box.dataset;
const isOpen = (box) => !isFixed(box) && (isMany(box) || isEmpty(box));
const required = (box) => "required" in box.dataset;
/** A list is never left empty, though none of its places is required by itself. */
const wanted = (box) => required(box) || isMany(box);

/** What the server said of each value: its code for eyes, its title, its kind. */
const known = new Map();
/** The value that each scanned text came to. */
const met = new Map();

const grouped = (code) => (/^[A-Z]{12}$/.test(code) ? code.match(/.{4}/g).join("-") : code);

function chip(box, value) {
  const { typed = grouped(value), title = box.dataset.word } = known.get(value) ?? {};
  const item = document.getElementById("chip").content.cloneNode(true).firstElementChild;
  item.querySelector("[data-typed]").textContent = typed;
  item.querySelector("[data-title]").textContent = title;
  const remove = item.querySelector("[data-remove]");
  remove.dataset.remove = value;
  remove.setAttribute("aria-label", remove.getAttribute("aria-label").replace("{code}", typed));
  return item;
}

function drawBox(box) {
  if (isFixed(box)) return;
  holder(box).hidden = true;
  entry(box).hidden = !isMany(box) && !isEmpty(box);
  entry(box).required = required(box) && isEmpty(box);
  box.querySelector("label").htmlFor = entry(box).id;
  box.querySelector("[data-chips]").replaceChildren(...values(box).map((value) => chip(box, value)));
  box.dataset.state = isEmpty(box) ? "empty" : "filled";
}

/** Say in the panel what is still to be scanned. */
function hint() {
  const next = all().filter((box) => wanted(box) && isOpen(box) && isEmpty(box)).map((box) => box.dataset.word);
  const text = next.length ? word("stillToScan", { fields: next.join(" · ") }) : word("allScanned");
  if (all().some(wanted)) expect(text, next.length === 0);
  return text;
}

/** Draw all fields from the values that they hold. */
export function draw() {
  all().forEach(drawBox);
  hint();
  wait();
}

function set(box, list) {
  holder(box).value = list.join("\n");
  drawBox(box);
  holder(box).dispatchEvent(new Event("input", { bubbles: true }));
}

/** What a scanned text came to: told before, or the code that the page knows by itself, in any spelling. */
function standing(text) {
  const bare = same(text).replaceAll("-", "");
  return met.get(same(text)) ?? all().filter(isFixed).flatMap(values).find((value) => value === bare);
}

/** A code that stands in its field, with no other field that could take it. */
function repeated(scan) {
  const value = standing(scan.text);
  const where = value && all().find((box) => values(box).includes(value));
  if (!where) return null;
  const its = known.has(value) ? [known.get(value).kind] : kinds(where);
  const free = all().some((box) => isOpen(box) && !values(box).includes(value) && its.some((kind) => takes(box, kind)));
  return free ? null : where;
}

/** Of one thing a second scan is no fault; of several it may be meant as another one. */
function again(box, raw) {
  if (isMany(box)) wrong({ text: word("scannedTwice"), raw });
  else right({ text: word("already"), raw, advice: hint() });
}

/** What somebody unfolded is what they are at. */
const isUnfolded = (box) => isEmpty(box) && box.closest("details[open]") !== null;

/** Give the field for a thing: the one it was typed into, else the first empty one, else one that takes many. */
function place(kind, typedInto) {
  const open = all().filter((box) => isOpen(box) && takes(box, kind));
  return open.find((box) => box === typedInto) ?? open.find(isUnfolded) ?? open.find(isEmpty) ?? open[0];
}

/** Give the one full field whose thing another one of its kind may replace; of two, nobody knows which is meant. */
function replaceable(kind, typedInto) {
  const full = all().filter((box) => !isFixed(box) && !isOpen(box) && takes(box, kind));
  const own = full.filter((box) => kinds(box).includes(kind));
  const [one, ...more] = own.length ? own : full;
  return full.find((box) => box === typedInto) ?? (more.length ? undefined : one);
}

function firstEmpty(form) {
  return [...form.elements].find((field) => {
    if (field.closest("[data-scan], .scan-panel, details:not([open])") || field.disabled || !field.offsetParent) return false;
    if (field.type === "submit") return false;
    if (field.type === "radio") return !form.elements[field.name].value;
    return field.type === "checkbox" ? !field.checked : "value" in field && field.type !== "button" && !field.value;
  });
}

/** Who was in the middle of a password goes on typing it there. */
const halfTyped = () => document.activeElement?.type === "password" && document.activeElement.value !== "";

/** Close the camera once there is nothing more for it to see. */
function putAway() {
  if (!all().some(isMany)) document.dispatchEvent(new CustomEvent("custody:filled"));
}

/** Once nothing is left to scan, go on to what is to be typed, or to the button. */
function goOn(form) {
  putAway();
  if (halfTyped()) return;
  if (!document.querySelector("dialog[open]")) (firstEmpty(form) ?? form.querySelector("[data-confirm]"))?.focus();
}

const eyes = (value) => known.get(value)?.typed ?? grouped(value);

/** Put a thing into the full field of its kind, in place of the one that is there, and say which one that was. */
function replace(box, value, answer) {
  const [old] = values(box);
  set(box, [value]);
  right({ text: answer.title, raw: answer.typed, advice: word("replaced", { old: eyes(old) }) });
  if (!all().some(isEmpty)) putAway();
}

/** The sheet of a step done on paper has a field of its own, that no scan is asked for: unfold it. */
function takeSheet(field, answer) {
  field.value = answer.typed;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.closest("details").open = true;
  field.scrollIntoView({ block: "center" });
  right({ text: answer.title, raw: answer.typed, advice: hint() });
  if (!all().some(isEmpty)) putAway();
}

function accept(scan, answer) {
  const sheet = document.querySelector("form[data-step] [name=downtime_form]");
  if (sheet && answer.kind === "downtime_form") return takeSheet(sheet, answer);
  const open = place(answer.kind, scan.field);
  const box = open ?? replaceable(answer.kind, scan.field);
  const value = answer.value ?? (answer.kind === "albumin_vial" ? visible(scan.text) : answer.code);
  if (!box) return wrong({ text: word("noField"), raw: answer.typed });
  if (values(box).includes(value)) return again(box, answer.typed);
  const lacked = all().some(isEmpty);
  known.set(value, answer);
  met.set(same(scan.text), value);
  if (scan.field) entry(scan.field).value = "";
  if (!open) return replace(box, value, answer);
  set(box, [...values(box), value]);
  right({ text: answer.title, raw: answer.typed, advice: [answer.note, hint()].filter(Boolean).join(" ") });
  if (lacked && !all().some(isEmpty)) goOn(box.closest("form"));
  else if (scan.field) all().find((other) => isOpen(other) && isEmpty(other))?.querySelector("[data-entry]").focus();
}

/** Answers that are not about the code: it was not heard, or is not on record. */
const UNHEARD = ["locked", "signed_out", "not_kept"];

function told(scan, answer) {
  if (scan.standing && !UNHEARD.includes(answer.reason)) return again(scan.standing, scan.text);
  if (scan.field) entry(scan.field).setAttribute("aria-invalid", String(!answer.ok));
  if (answer.ok) accept(scan, answer);
  else wrong({ ...answer, raw: scan.text });
}

function waits(count) {
  for (const form of new Set(all().map((box) => box.closest("form")))) form?.toggleAttribute("data-asking", count > 0);
}

/** The kinds that have a place here: first what is still to be scanned, then what may be replaced. */
function expected() {
  const boxes = all().filter((box) => !isFixed(box));
  const ordered = [...boxes.filter(isOpen), ...boxes.filter((box) => !isOpen(box))];
  return [...new Set(ordered.flatMap(kinds))];
}

/**
 * What the server has to know to say whether a scan fits: the step, its thing, and what was scanned so far. What
 * stands here already is held against nothing again: it is sent to be on record, as every reading is.
 */
function asks(scan) {
  const { step = "", thing = "" } = document.querySelector("form[data-step]")?.dataset ?? {};
  scan.standing = repeated(scan);
  if (scan.standing) return { expects: scan.standing.dataset.scan, step, thing };
  const name = (kind) => (place(kind, scan.field) ?? replaceable(kind, scan.field))?.dataset.name;
  const fits = expected().map((kind) => `${kind}:${name(kind)}`).join(",");
  const given = Object.fromEntries(all().map((box) => [`given.${box.dataset.name}`, values(box).join("\n")]));
  const paper = document.querySelector("form[data-step] [name=done_at]");
  const on_paper = paper?.closest("details")?.open ? "yes" : "";
  return { expects: expected().join(","), step, thing, fits, done_at: paper?.value ?? "", on_paper, ...given };
}

function typed(field) {
  const text = field.value.trim();
  if (!text || field.dataset.asked === text) return;
  field.dataset.asked = text;
  const detail = { text, source: "typed", symbology: "", field: field.closest("[data-scan]") };
  document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
}

function onKeydown(event) {
  if (event.key !== "Enter" || !event.target.matches("[data-entry]")) return;
  event.preventDefault();
  delete event.target.dataset.asked;
  typed(event.target);
}

function onRemove({ target }) {
  const button = target.closest("[data-remove]");
  if (!button) return;
  const box = button.closest("[data-scan]");
  set(box, values(box).filter((value) => value !== button.dataset.remove));
  hint();
  wait();
  entry(box).focus();
}

export function start() {
  const url = () => document.querySelector("meta[name=scan]").content;
  const asked = line({ url, fields: asks, told, waits });
  draw();
  document.addEventListener("custody:scan", ({ detail }) => all().length && asked.add(detail));
  document.addEventListener("keydown", onKeydown);
  document.addEventListener("change", ({ target }) => target.matches?.("[data-entry]") && typed(target));
  document.addEventListener("click", onRemove);
}
