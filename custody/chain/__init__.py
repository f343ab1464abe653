"""The rules of the chain of custody: what may happen to cells, bags and people, and when.

Pure Python: no database, no web, no clock, no randomness. `now`, codes and salts are arguments.

- `transitions`: one table per thing, from every state to every state, on one screen.
- `step`: what a step is (who, which scan, which fields, how it is signed), and the register of them.
- `things`: the state of each thing, frozen.
- `scene`: what a rule may look at: the actor, the time, the protocol and the things.
- `decide`: runs one command against a scene: a record, or all failed conditions at once.
- `lot`, `storage`, `enrolment`, `ordering`, `preparation`, `dispatch`, `handoff`, `infusion`,
  `disposal`, `reconciliation`, `deviation`, `correction`, `administration`: the rules themselves,
  one file per family.
- `dose`, `expiry`, `eligibility`: the arithmetic, with its sources.
"""
