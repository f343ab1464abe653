"""The rules of the chain of custody: what may happen to cells, bags and people, and when.

Pure Python: no database, no web, no clock, no randomness. `now`, codes and salts are arguments.

- `transitions`: one table per thing, from every state to every state, on one screen.
- `step`: what a step is (who, which scan, which fields, how it is signed), and the register of them.
- `fields`, `field_check`, `entry_value`: how a value is declared, checked, and read from what was entered.
- `things`: the state of each thing, frozen.
- `scene`: what a rule may look at: the actor, the time, the protocol and the things.
- `decide`: runs one command against a scene: a record, or all failed conditions at once.
- The rules themselves, one file per family of steps: `lot`, `storage`, `enrolment`, `ordering`, `bench`, `thaw`,
  `preparation`, `release`, `dispatch`, `handoff`, `bag_handoff`, `bedside`, `infusion`, `observation`, `disposal`,
  `bench_disposal`, `reconciliation`, `unblinding`, `unsealing`, `deviation`, `correction`, `administration`,
  `labels`, `reading`.
- `access`: nobody gives access to what tells the arm alone.
- `at_bench`: of what is at the bench still, nothing is said openly by who sees the arm.
- `custody`: what the steps on bags and shippers share: exactly one person holds them.
- `dose`, `expiry`, `eligibility`, `week`, `blocks`: the arithmetic, with its sources.
"""

from custody.chain import (
    administration,
    bag_handoff,
    bedside,
    bench,
    bench_disposal,
    correction,
    deviation,
    dispatch,
    disposal,
    enrolment,
    handoff,
    infusion,
    labels,
    lot,
    observation,
    ordering,
    preparation,
    reading,
    reconciliation,
    release,
    storage,
    thaw,
    unblinding,
    unsealing,
)

__all__ = [
    "administration",
    "bag_handoff",
    "bedside",
    "bench",
    "bench_disposal",
    "correction",
    "deviation",
    "dispatch",
    "disposal",
    "enrolment",
    "handoff",
    "infusion",
    "labels",
    "lot",
    "observation",
    "ordering",
    "preparation",
    "reading",
    "reconciliation",
    "release",
    "storage",
    "thaw",
    "unblinding",
    "unsealing",
]
"""The rule files: importing them fills the registers of steps and of what records do."""
