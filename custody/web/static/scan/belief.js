// Which of the symbols in the camera's pictures are believed, and delivered once.

/** A Code 128 can be misread with a valid checksum: two pictures in a row must say the same. */
const DOUBTED = "Code128";
/** A symbol that stays in sight is one scan; it has to be out of sight this long to be another. */
const FORGET_MS = 2000;

/** Our QR holds a URL, our Code 128 the bare code: the same thing, scanned once. */
export const same = (text) => text.replace(/^https?:\/\/[^/]+\/s\//i, "").toUpperCase();

const middle = (read) => Math.hypot(read.x - 0.5, read.y - 0.5);

/** Make a judge of one camera session: `judge(reads, now)` gives the read to deliver, if any. */
export function judge() {
  const seen = new Map();
  let doubted = "";

  return (reads, now) => {
    const filled = reads.filter((read) => read.text);
    const [best] = filled.toSorted((one, other) => middle(one) - middle(other));
    const repeated = best && doubted === best.text;
    doubted = best?.symbology === DOUBTED ? best.text : "";
    const fresh = best && now - (seen.get(same(best.text)) ?? -Infinity) > FORGET_MS;
    for (const read of filled) if (seen.has(same(read.text))) seen.set(same(read.text), now);
    if (!fresh || (best.symbology === DOUBTED && !repeated)) return null;
    seen.set(same(best.text), now);
    return best;
  };
}
