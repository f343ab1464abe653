// Keeps what a scanner types before the page's scripts run, with what its field held before. `scan/wedge.js` takes it.

window.custodyEarly = (() => {
  const kept = [];
  const keep = (event) => {
    const element = document.activeElement;
    const { value, selectionStart = null, selectionEnd = null } = element ?? {};
    kept.push({ event, before: { element, value, selectionStart, selectionEnd } });
  };
  addEventListener("keydown", keep, { capture: true });
  return {
    stop() {
      removeEventListener("keydown", keep, { capture: true });
      return kept.splice(0);
    },
  };
})();
