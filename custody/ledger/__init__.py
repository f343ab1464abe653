"""The proof: append-only logs that verify without us, in the formats of the transparency-log world.

Pure Python over `cryptography` and `orjson`: no database, no web, no clock; randomness only in
`keys.generate` and inside ML-DSA itself. From the bottom up:

- `errors`: the root of every exception here; each file adds its own.
- `b64`: base64 that has one spelling.
- `entry`: one event as canonical JSON (RFC 8785), and its leaf hash (RFC 6962).
- `commitment`: a salted hash in the open log that a sealed entry opens later.
- `proof`: inclusion and consistency proofs (RFC 6962, RFC 9162) over tiles.
- `tree`: the right edge of a Merkle tree: append, root, new tiles, reopening.
- `tiles`: names and bytes of tiles and entry bundles (C2SP tlog-tiles).
- `keys`: Ed25519 and ML-DSA-44 signers, verifiers and their `vkey` lines (C2SP signed-note).
- `checkpoint`: the signed tree head (C2SP tlog-checkpoint, tlog-cosignature).
- `receipt`: the proof that one event is in the log (C2SP tlog-proof).
- `export`: writes a ledger as a folder.  `readme`: what such a folder says of itself.
- `verify`: checks a ledger, in a folder or in a database, and collects all findings. Its parts: `source` (where
  a log is read from), `folder` (what lies beside the logs), `heads` (signatures), `verify_log` (one log), `rules`
  (entry by entry), `report` and `coverage` (what is told).
"""
