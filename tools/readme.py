"""Write the README's table of steps anew from the rules. `tests/test_readme.py` holds the one against the other."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import custody.chain  # noqa: F401 - fills the register
from custody.chain.roles import BENCH, CARRIERS, EVERYBODY, WARD
from custody.chain.step import STEPS, Spec, fields_of

GROUPS = {
    BENCH: "cell therapy unit",
    CARRIERS: "who carries it",
    WARD: "ICU",
    CARRIERS | WARD: "a witness",
}
README = Path(__file__).resolve().parent.parent / "README.md"
PLACE = re.compile(r"(<!-- steps -->\n).*?(<!-- /steps -->)", re.DOTALL)


def table() -> str:
    """Give the table: one row a step, in the order of their numbers."""
    return "\n".join(rows()) + "\n"


def rows() -> Iterator[str]:
    """Yield its lines."""
    yield "| # | step | who | scans | from → to | plane |"
    yield "|---|---|---|---|---|---|"
    for command in sorted(STEPS.values(), key=lambda command: (command.SPEC.number or 99, command.SPEC.name)):
        spec = command.SPEC
        scans = ", ".join(field.scans.replace("_", " ") for _, field in fields_of(command) if field.scans) or "–"
        plane = "open + sealed" if spec.both and not spec.looks else str(spec.plane)
        yield f"| {spec.number or '–'} | {spec.title} | {who(spec)} | {scans} | {moves(spec)} | {plane} |"


def who(spec: Spec) -> str:
    """Say who does it, who signs, and who the second person is."""
    by = "anyone" if spec.by >= EVERYBODY - {"inspector", "unblinded_inspector"} else names(spec.by)
    second = f"; second: {names(spec.second)}" if spec.second else ""
    if spec.second and spec.may_sign:
        return f"{by}; where that gives sight of the arm: signed{second}"
    return f"{by}{', signed' if spec.signed else ''}{second}"


def names(roles: frozenset[str]) -> str:
    """Name roles in a fixed order, those that go together by what they are."""
    if roles in GROUPS:
        return GROUPS[roles]
    return " or ".join(sorted(str(role).replace("_", " ").replace("icu", "ICU") for role in roles))


def moves(spec: Spec) -> str:
    """Say from which states of its thing to which; the states that it leaves as they are come first, by themselves."""
    stays = [before for before, after in spec.moves.items() if after == (before,)]
    led = {before: after for before, after in spec.moves.items() if before not in stays}
    after = ", ".join(dict.fromkeys(state for ends in led.values() for state in ends))
    parts = [", ".join(stays), f"{', '.join(state or 'new' for state in led)} → {after}" if led else ""]
    return f"{spec.thing}: {'; '.join(filter(None, parts))}".replace("_", " ") if spec.moves else "–"


def main() -> int:
    """Write it."""
    README.write_text(PLACE.sub(lambda match: f"{match[1]}{table()}{match[2]}", README.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
