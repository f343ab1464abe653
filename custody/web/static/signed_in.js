// A form outlives the sign-in under which it was opened. Whoever signs in again, in another tab, goes on with it:
// under the new token, and only the same person, for the page and its signature name them.

import { token, word } from "./words.js";

const PATIENCE_MS = 10_000;

/** Nobody, or somebody else, is signed in; the message says so in words. */
export class SignedOut extends Error {}

/** The sign-in is locked: it is unlocked on the same page. */
export class Locked extends SignedOut {}

const meta = (page, name) => page.querySelector(`meta[name=${name}]`)?.content ?? "";

/** Give the answer, unless it is the page of the sign-in, to which whoever is signed out is sent. */
export function believed(answer) {
  const signIn = document.querySelector("[data-sign-in]");
  const to = new URL(answer.url);
  if (answer.redirected && to.searchParams.has("locked")) {
    document.dispatchEvent(new Event("custody:locked"));
    throw new Locked(word("lockedForm"));
  }
  if (answer.redirected && to.pathname === signIn?.pathname) throw new SignedOut(word("signedOutForm"));
  return answer;
}

function take(fresh) {
  document.querySelector("meta[name=csrf-token]").content = fresh;
  for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = fresh;
}

/** Fetch this page anew for its token; say whether there is another one now. */
export async function renew() {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = believed(await fetch(location.href, { headers: { Accept: "text/html" }, signal }));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = meta(page, "csrf-token");
  if (!fresh || fresh === token()) return false;
  if (meta(page, "person") !== meta(document, "person")) {
    throw new SignedOut(word("somebodyElse", { name: document.querySelector(".who strong").textContent }));
  }
  take(fresh);
  return true;
}
