// On a page without fields to scan into, a scan opens the page of the thing that it names.

import { line } from "./line.js";
import { right, visible, wait, wrong } from "./status.js";

/** Long enough to see the tick, too short to wait for. */
const SEEN_MS = 450;

const form = () => document.querySelector("form[data-scan-go]");
const here = () => !document.querySelector("[data-scan], [data-scanner-check]");

let leaving = false;

function told(scan, answer) {
  if (!answer.ok) return wrong({ ...answer, raw: scan.text });
  leaving = Boolean(answer.url);
  right({ text: answer.title, raw: answer.typed });
  if (leaving) setTimeout(() => location.assign(answer.url), SEEN_MS);
}

const url = () => form()?.getAttribute("action") ?? document.querySelector("meta[name=scan]").content;

export function start() {
  const asked = line({ url, told });
  document.addEventListener("custody:scan", ({ detail }) => {
    if (!here() || leaving) return;
    if (form()) form().elements.raw.value = visible(detail.text);
    asked.add(detail, { alone: true });
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || !event.target) return;
    event.preventDefault();
    const text = event.target.elements.raw.value.trim();
    const detail = { text, source: "typed", symbology: "" };
    if (text) document.dispatchEvent(new CustomEvent("custody:scan", { detail }));
    else event.target.elements.raw.focus();
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    leaving = false;
    wait();
  });
}
