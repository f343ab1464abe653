// "Recorded: Pause" is said once. The address that says it would say it again on each reload, to whoever reads then.

const NAME = "did";

/** Give a path without what was done. */
function without(path) {
  const url = new URL(path, location.origin);
  url.searchParams.delete(NAME);
  return url.pathname + url.search + url.hash;
}

export function start() {
  if (!new URLSearchParams(location.search).has(NAME)) return;
  history.replaceState(history.state, "", without(location.href));
  for (const next of document.querySelectorAll("input[name=next]")) next.value = without(next.value);
}
