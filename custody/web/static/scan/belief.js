// Which of the symbols in the camera's pictures are believed, and delivered once.
//
// A symbol can be misread with a valid checksum: in a blurred picture, of a stained label. So nothing is believed that
// was read once: two pictures in a row have to say the same, or two symbols of one picture, as the QR and the
// DataMatrix of our labels do.

/** A symbol that stays in sight is one scan; it has to be out of sight this long to be another. */
const FORGET_MS = 2000;

/** Our QR holds a URL, our Code 128 the bare code: the same thing, scanned once. */
export const same = (text) => text.replace(/^https?:\/\/[^/]+\/s\//i, "").toUpperCase();

const middle = (read) => Math.hypot(read.x - 0.5, read.y - 0.5);

/** Make a judge of one camera session: `judge(reads, now)` gives the read to deliver, if any. */
export function judge() {
  const seen = new Map();
  let before = new Set();

  return (reads, now) => {
    const filled = reads.filter((read) => read.text);
    const [best] = filled.toSorted((one, other) => middle(one) - middle(other));
    const said = filled.map((read) => same(read.text));
    const agreed = best && (before.has(same(best.text)) || said.filter((text) => text === same(best.text)).length > 1);
    before = new Set(said);
    const fresh = best && now - (seen.get(same(best.text)) ?? -Infinity) > FORGET_MS;
    // What is still in sight stays seen; what comes again after a while is new, and has to be agreed on anew.
    for (const text of said) if (now - (seen.get(text) ?? -Infinity) <= FORGET_MS) seen.set(text, now);
    if (!fresh || !agreed) return null;
    seen.set(same(best.text), now);
    return best;
  };
}
