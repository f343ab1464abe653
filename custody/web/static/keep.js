// What a device remembers between pages: which camera, whether there is sound. Anything of a person or a trial stays in
// its tab (`draft.js`).

/** Give what was kept under a name, or null; a browser may forbid keeping altogether. */
export function recall(name, store = "localStorage") {
  try {
    return window[store].getItem(`custody.${name}`);
  } catch {
    return null;
  }
}

/** Give the names under which something was kept. */
export function names(store = "localStorage") {
  try {
    const ours = Object.keys(window[store]).filter((name) => name.startsWith("custody."));
    return ours.map((name) => name.slice("custody.".length));
  } catch {
    return [];
  }
}

/** Keep a text under a name; null forgets it. */
export function keep(name, text, store = "localStorage") {
  try {
    if (text === null) window[store].removeItem(`custody.${name}`);
    else window[store].setItem(`custody.${name}`, text);
  } catch {
    // then it is asked again next time
  }
}
