// "Recorded: Pause" is said once. The address that says it would say it again on each reload, to whoever reads then.

const NAMES = ["did", "event"];

/** Give a path without what was done. */
function without(path) {
  const url = new URL(path, location.origin);
  for (const name of NAMES) url.searchParams.delete(name);
  return url.pathname + url.search + url.hash;
}

export function start() {
  if (!new URLSearchParams(location.search).has(NAMES[0])) return;
  history.replaceState(history.state, "", without(location.href));
  for (const next of document.querySelectorAll("input[name=next]")) next.value = without(next.value);
}
