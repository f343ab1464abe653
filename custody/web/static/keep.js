// What a device remembers between pages: which camera, whether there is sound. Never anything of a person or a trial.

/** Give what was kept under a name, or null; a browser may forbid keeping altogether. */
export function recall(name, store = "localStorage") {
  try {
    return window[store].getItem(`custody.${name}`);
  } catch {
    return null;
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
