// What does a code look like, and what was typed into a password field: a scan, or a password? Security keys and password managers type as fast
// as a scanner. So a scan is only what ends as one of the codes that are on labels, typed at a scanner's pace.

/** A scanner that hesitates once is still one: what counts is its pace over the whole code. */
const PACE_MS = 50;

const SYMBOLS = "BCDEFGHJKNPRSTUVX";
const KINDS = "NCFTSEGPBRDVHKJ";
const LENGTH = 12;

/** Perhaps after an AIM identifier: a URL (also garbled by another layout), GS1, ISBT 128; or one of our codes. */
const CODES = [
  /https?(:\/\/|m[!:/]|[^a-z0-9])\S{8,}$/i,
  /(\(01\)\d{14}|01\d{14})\S{2,}$/,
  /[=&](\+\d{5}|[<>,*}(%][A-Z0-9]{4}|[A-NP-Z1-9][A-NP-Z0-9]{2}\d{10})\S*$/i,
].map(({ source, flags }) => new RegExp(String.raw`(\][A-Za-z][0-9A-Za-z])?${source}`, flags));
const OWN = new RegExp(String.raw`(\][A-Za-z][0-9A-Za-z])?([${KINDS}][${SYMBOLS}]{${LENGTH - 1}})$`, "i");

/** As `custody/codes.py` does it: twelve symbols in any order are a password. */
function checks(code) {
  const sum = [...code.toUpperCase()].reduce((all, symbol, i) => all + SYMBOLS.indexOf(symbol) * (LENGTH - i), 0);
  return sum % SYMBOLS.length === 0;
}

function begins(text) {
  const [, , code = ""] = OWN.exec(text) ?? [];
  const found = [...CODES.map((pattern) => text.search(pattern)), code && checks(code) ? text.search(OWN) : -1];
  return Math.min(...found.map((at) => (at < 0 ? Infinity : at)));
}

/** Give where in a typed text a code begins that ends it, or -1: whatever came before is no part of it. */
export function codeIn(text) {
  const start = begins(text);
  return start === Infinity ? -1 : start;
}

/** Say whether a text ends with one of our own codes, whole: nothing more of it is to come. */
export function isWhole(text) {
  const [, , code = ""] = OWN.exec(text) ?? [];
  return code !== "" && checks(code);
}

/** Say whether what was typed from a place on came as fast as a scanner types. */
export const atPace = (times, start) => times.at(-1) - times[start] < PACE_MS * (times.length - start);

/** Give where in a typed text a scan begins that ends it, or -1; `times` says when each character came. */
export function scanIn(text, times) {
  const start = codeIn(text);
  if (start < 0) return -1;
  return atPace(times, start) ? start : -1;
}
