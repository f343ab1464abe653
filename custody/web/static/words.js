// What scripts say stands in the page, so that it is translated there: <div id="words" data-…>.

const words = document.getElementById("words")?.dataset ?? {};

/** Give a text of the page, with `{name}` filled in. */
export function word(name, facts = {}) {
  return (words[name] ?? "").replace(/\{(\w+)\}/g, (_, fact) => facts[fact] ?? "");
}

/** Give the token that every POST carries. */
export const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
