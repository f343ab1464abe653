// Which characters the keys of a scanner make on a US keyboard, by their place: what it types unless it is set otherwise.
//
// A computer set to another layout makes other characters of the same keys, and now and then another valid code. The
// server is told both, and takes a scan only if they do not contradict each other.

/** Key by key, without and with shift. */
const US = {
  Backquote: "`~", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Semicolon: ";:", Quote: "'\"",
  Backslash: "\\|", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  NumpadDecimal: "..", NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//",
};
const OVER_DIGITS = ")!@#$%^&*(";

/** Give both characters of a key; none of one that a US keyboard has not, or that has no place. */
function pair(code) {
  const [, letter, digit, numpad] = /^(?:Key([A-Z])|Digit([0-9])|Numpad([0-9]))$/.exec(code ?? "") ?? [];
  if (letter) return [letter.toLowerCase(), letter];
  if (digit) return [digit, OVER_DIGITS[digit]];
  return numpad ? [numpad, numpad] : [...(US[code] ?? [])];
}

/** Give what a key says, caps lock aside. A program that types for a scanner may leave the shift key out. */
export function onUs(event) {
  const [plain = "", shifted = ""] = pair(event.code);
  const unshifted = event.key === shifted && !event.getModifierState("CapsLock");
  return event.shiftKey || unshifted ? shifted : plain;
}

/** Join what keys say; where one of them says nothing, nobody knows what all of them say. */
export const joined = (keys) => (keys.includes("") ? "" : keys.join(""));
