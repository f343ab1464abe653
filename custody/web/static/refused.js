// Why a step was refused stands above its form. Once the form is changed or sent again, that is how it was before:
// it can still be read, to mend one thing after another, but it no longer says that something is wrong now.

import { word } from "./words.js";

/** Take them away once another answer came. */
export function takeAway() {
  document.querySelector("[data-errors]")?.remove();
}

/** Let the reasons step back. */
export function stepBack() {
  const notice = document.querySelector("[data-errors]:not([data-old])");
  if (!notice) return;
  notice.dataset.old = "";
  notice.removeAttribute("role"); // or it would be read aloud again
  notice.querySelector("h2").textContent = word("refusedBefore");
}
