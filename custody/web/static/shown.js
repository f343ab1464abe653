// What is shown once stands for some minutes, and in no page that the browser keeps: Back, Forward and a reload lead to
// the question for the password.

const CHECK_MS = 1_000;

const part = () => document.querySelector("[data-shown-s]");

/** Whether an answer is shown once: it is drawn into the page that asked, for to open it would ask again. */
export const isOnce = (answer) => answer.headers.get("X-Shown") === "once";

let since = 0;

/** Count its minutes from when it is drawn. */
export function draw() {
  const shown = part();
  if (!shown) since = 0;
  else if (!since) since = Date.now();
  else if (Date.now() - since > Number(shown.dataset.shownS) * 1000) away();
}

/** Take it off the page first: the network may be gone. */
function away() {
  part()?.remove();
  location.replace(location.href);
}

export function start() {
  draw();
  setInterval(draw, CHECK_MS);
  addEventListener("pagehide", () => {
    if (!part()) return;
    for (const each of document.querySelectorAll("main > *")) each.remove();
  });
  addEventListener("pageshow", ({ persisted }) => persisted && !document.querySelector("main > *") && location.reload());
}
