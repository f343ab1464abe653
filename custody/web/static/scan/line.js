// Scans stand in line here until the server has said what each is. What cannot be sent waits and is sent
// again: by the button, when the network is back, and every few seconds, because Wi-Fi rarely says that it is.

import { isoLocal, skewS } from "../clock.js";
import { Locked, SignedOut, believed, renew } from "../signed_in.js";
import { token, word } from "../words.js";
import { onRetry, show } from "./status.js";

const PATIENCE_MS = 10_000;
const AGAIN_MS = 5_000;

/** A scan that is sent again is the same reading; over plain HTTP, where there are no ids, the server makes one. */
const newEvent = () => crypto.randomUUID?.() ?? "";

/** The server could not be reached, or could not answer. */
class Unreachable extends Error {}

async function request(url, fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...fields, csrf_token: token() })) body.append(name, value);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" }, signal });
  if (answer.status >= 500) throw new Unreachable();
  return believed(answer);
}

const isJson = (answer) => Boolean(answer.headers.get("Content-Type")?.includes("json"));

/** POST fields and give the JSON answer; HTML instead of JSON means that the person is signed out. */
export async function post(url, fields) {
  try {
    let answer = await request(url, fields);
    if (answer.status === 400 && !isJson(answer) && (await renew())) answer = await request(url, fields);
    if (isJson(answer)) return await answer.json();
  } catch (error) {
    if (error instanceof Locked) return { ok: false, reason: "locked", text: word("lockedScan"), advice: "" };
    if (!(error instanceof SignedOut)) throw new Unreachable();
  }
  return { ok: false, reason: "signed_out", text: word("signedOut"), advice: word("signInAgain") };
}

/** Make a line. `fields(scan)` adds to what is sent, `told(scan, answer)` acts on the answer. */
export function line({ url, fields = () => ({}), told, waits = () => {} }) {
  const scans = [];
  let busy = false;
  let again;

  async function ask(scan) {
    show("asking", { raw: scan.text });
    const { text: raw, source, symbology, keys = "", event, occurred_at, skew_s } = scan;
    return post(url(), { raw, source, symbology, keys, event, occurred_at, skew_s, ...fields(scan) });
  }

  async function next() {
    const answer = await ask(scans[0]);
    const scan = scans.shift();
    waits(scans.length);
    told(scan, answer);
  }

  async function move() {
    clearTimeout(again);
    if (busy) return;
    busy = true;
    try {
      while (scans.length) await next();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      show("offline", { raw: scans.map(({ text }) => text).join(" · ") });
      again = setTimeout(move, AGAIN_MS);
    } finally {
      busy = false;
    }
  }

  onRetry(move);
  addEventListener("online", move);
  return {
    /** Put a scan in the line; `alone` forgets those before it that were not sent yet. */
    add(scan, { alone = false } = {}) {
      if (alone) scans.splice(busy ? 1 : 0);
      scans.push({ ...scan, event: newEvent(), occurred_at: isoLocal(), skew_s: skewS() });
      waits(scans.length);
      move();
    },
  };
}
