// Says so when a list, or a page, that refreshes itself has stopped doing it.

function mark(event, stale) {
  const note = event.target.closest("[data-live]")?.querySelector("[data-stale]");
  if (note) note.hidden = !stale;
}

export function start() {
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => mark(event, true));
  }
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && mark(event, false));
}
