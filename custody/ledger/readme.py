"""The README.txt of an exported ledger: how to verify it with this program, and without.

Its commands are run by the tests as they stand. When the text changes, add its hash to `KNOWN`: exports
of older versions must go on verifying.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

README_TXT: Final = r"""This folder is a ledger of a cell therapy trial: who did what to which bag, and when.
Nothing here needs trust in those who made it, if you have their keys from another source.

  open/, sealed/    append-only logs. sealed/ is here only when it was asked for: it tells the arms, in
                    clear. All files are written for their owner alone (0600); keep them so.
    checkpoint      origin, number of entries, root hash, signatures (C2SP tlog-checkpoint)
    tile/entries/   the entries: JSON (RFC 8785), each behind its length in two bytes
    tile/0/ ...     the Merkle tree's hashes, 256 to a file (C2SP tlog-tiles; RFC 6962)
  vkeys             the public keys, one a line: name+key id+base64(type, key)
  protocol.toml     the trial's rules; each entry names its SHA-256

1. With our program, the keys that you were given from another source, and a checkpoint that you kept:

    custody verify THIS-FOLDER --vkeys YOUR-KEYS --older YOUR-CHECKPOINT

An older checkpoint shows that the log was not cut at its end or rewritten since. --older may be given
more than once: one of each log.

2. Without it. Go into this folder (cd THIS-FOLDER). For the sealed log put sealed for open in the last
line of the first command, and in the first line of the second.

The root hash from the entries (any Python 3); the command is all from python3 to open. The output must
be the second and third line of open/checkpoint:

python3 -c '
import base64, hashlib, pathlib, sys
H, leaves, log = lambda b: hashlib.sha256(b).digest(), [], pathlib.Path(sys.argv[1])
def root(d):
    k = 1 << (len(d) - 1).bit_length() - 1 if len(d) > 1 else 0
    return H(b"\1" + root(d[:k]) + root(d[k:])) if k else d[0] if d else H(b"")
(log / "checkpoint").stat()
for f in sorted(p for p in (log / "tile/entries").rglob("*") if p.is_file()):
    b = f.read_bytes()
    while b:
        n = 2 + int.from_bytes(b[:2], "big")
        leaves.append(H(b"\0" + b[2:n])); b = b[n:]
print(len(leaves), base64.b64encode(root(leaves)).decode(), sep="\n")
' open

The Ed25519 signature (OpenSSL 3); it says "Signature Verified Successfully":

L=open
T=$(mktemp -d); N=$(sed -n 1p $L/checkpoint); sed -n 1,3p $L/checkpoint > $T/text
grep -F "— $N " $L/checkpoint | cut -d' ' -f3 | awk 'length == 92' | base64 -d | tail -c 64 > $T/sig
printf '\060\052\060\005\006\003\053\145\160\003\041\000' > $T/key
grep -F "$N+" vkeys | cut -d+ -f3- | awk 'length == 44' | base64 -d | tail -c 32 >> $T/key
openssl pkeyutl -verify -pubin -keyform DER -inkey $T/key -rawin -in $T/text -sigfile $T/sig

The ML-DSA-44 signature (type 6; FIPS 204) stands over the message of c2sp.org/tlog-cosignature. Go has
both formats as packages golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.

3. After the trial was unsealed. An order, and a randomisation list as it was loaded, left a commitment in
the open log: SHA-256 of the text custody-commit-v1, a salt of 32 bytes, and the value as JSON. Entries of
type commitments_opened give event, salt and value of each. This takes them one by one (OpenSSL 3) and says
whether they fit the commitment that the same event made; no line says that nothing was opened yet:

E=open/tile/entries; T=$(mktemp -d); export LC_ALL=C
grep -raoh '{"event":"[0-9a-f-]*","salt":"[0-9a-f]*","value":{[^{}]*}}' $E | while read -r opening; do
    event=$(printf %s "$opening" | cut -d'"' -f4); salt=$(printf %s "$opening" | cut -d'"' -f8)
    value={${opening#*'"value":{'}; value=${value%?}
    openssl asn1parse -genstr FORMAT:HEX,OCTETSTRING:$salt -noout -out $T/salt
    (printf custody-commit-v1; tail -c 32 $T/salt; printf %s "$value") | openssl dgst -sha256 -r | cut -c1-64 > $T/hash
    grep -raoh '"commitment":"[0-9a-f]*",[^{}]*"event":"'$event'"' $E | cut -d'"' -f4 | cmp -s - $T/hash &&
        echo "fits: $event $value" || echo "DOES NOT FIT: $event $value"
done

How many commitments there are, to compare with the number of lines:

LC_ALL=C grep -raoh '"commitment":"[0-9a-f]*"' open/tile/entries | sort -u | wc -l
"""

KNOWN: Final = frozenset(
    {
        sha256(README_TXT.encode()).hexdigest(),
        "581cdad262240798bd5016e607871a332cc4ce8d349a7abfb1043196dec8ab4b",
        "32dcf9b5ecf4247c011d45ac3f53aa5704b939860086d4bc6d2d61991d043b59",
    }
)
"""SHA-256 of every text that an export ever carried; the present one stands for itself."""
