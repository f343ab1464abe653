"""`make prove-blinding`: the whole proof, and its page. Parts that were run before are kept with `--only`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.blinding import proofs, report

FEWEST_TRIALS = 2
PARTS = ("sqlite", "postgresql", "leaks", "guesses", "disk", "times")


def main() -> int:
    """Run the parts, write the page, say whether blinding holds."""
    given = _arguments()
    given.out.mkdir(parents=True, exist_ok=True)
    work = {
        "sqlite": lambda: proofs.lock_step("sqlite", given.runs, given.out),
        "postgresql": lambda: proofs.lock_step("postgresql", given.postgresql, given.out),
        "leaks": proofs.leaks,
        "guesses": lambda: proofs.guesses(given.trials, given.participants, given.out),
        "disk": proofs.disk,
        "times": lambda: proofs.times(given.pairs, given.out),
    }
    commit = report.commit()
    now = given.only or PARTS
    for name in now:
        part = {"commits": [commit]} | work[name]() | {"ended": report.now()}
        (given.out / f"{name}.json").write_text(json.dumps(part, indent=1), encoding="utf-8")
    parts = _parts(given.out, commit, now)
    report.write(parts, given.out)
    print((given.out / "report.txt").read_text(encoding="utf-8"))
    print(f"The page: {given.out / 'report.pdf'}; in French: {given.out / 'rapport.pdf'}")
    return 0 if all(part["holds"] for part in parts.values()) else 1


def _parts(out: Path, commit: str, now: Sequence[str]) -> dict[str, report.Part]:
    """Give the parts that were run now, or before on this product; say which are left out for they prove another."""
    files = {name: out / f"{name}.json" for name in PARTS}
    parts = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()}
    ours = {name: part for name, part in parts.items() if name in now or _is_of(part, commit)}
    for name in parts.keys() - ours.keys():
        print(f"Left out, for it was run on another product: {name}", file=sys.stderr)
    return ours


def _is_of(part: report.Part, commit: str) -> bool:
    """Say whether a part was run on this product; of a tree with changes nobody knows."""
    commits = part.get("commits", [""])
    return not commit.endswith("dirty") and all(report.same_product(one, commit) for one in commits)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.blinding", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=int, default=2000, help="walks on SQLite (2000)")
    parser.add_argument("--postgresql", type=int, default=200, help="walks on PostgreSQL (200)")
    parser.add_argument("--pairs", type=int, default=10_000, help="pairs of each kind of page (10000)")
    parser.add_argument("--trials", type=int, default=300, help="simulated trials (300)")
    parser.add_argument("--participants", type=int, default=66, help="of each trial (66)")
    parser.add_argument("--out", type=Path, default=Path("build/blinding"), help="folder (build/blinding)")
    given = parser.parse_args()
    if given.trials < FEWEST_TRIALS:
        parser.error(f"--trials: expected {FEWEST_TRIALS} or more, to learn from some and guess the others")
    return given


if __name__ == "__main__":
    sys.exit(main())
