"""Custody: follows one bag of living cells from the freezer to the bedside, and proves it.

A map of the package, from the bottom up; imports point down only:

- `clock`, `codes`: the one source of time; what a scanned code is, by `isbt` and `gs1` others' too, or why it is none.
- `chain/`: the rules. Pure: no database, no web, no clock, no randomness.
- `ledger/`: the proof. Canonical entries, Merkle tree, tiles, signed checkpoints, verification.
- `protocols/`: the trials, one TOML file each.
- `store/`: the tables, in two planes (open and sealed), on SQLite or PostgreSQL.
- `people/`: sign-in and signatures.
- `record/`: THE DOOR. Every step of every person passes here, and nowhere else.
- `intake`: a form that was sent, made ready for the door.  `randomisation`: lists, generated or read.
- `labelling/`: fills the designs of `labels/` and reads every printed symbol back.
- `printing`, `code_sheets`, `downtime`: which label goes on what; the sealed emergency sheets and the forms on paper,
  for when no page answers.
- `simulate/`, `demo.py`: a whole trial, through the same door.
- `verifying/`, `trace`, `export/`: hold it against itself, follow a thing both ways, give it out as files.
- `web/`, `cli/`: show it.  `app.py`: wiring only.
"""

__version__ = "0.1.0"
