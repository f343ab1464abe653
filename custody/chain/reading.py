"""Readings: what was scanned, typed or photographed, and what it was taken for, accepted or not. They change no thing.

- Who sees the arm writes them to the sealed log, whatever they scan. A blinded person's stand in the open log, where
  other blinded people may read them; but what an investigator scans to break a code is sealed as the code break is.
- So an open reading names nothing of the sealed plane: of a lot's number that a nurse found on some wrapping it says
  that it was refused, and no more. The nurse knows it; nobody else learns the arm of it.
- Kept is what was read of a code, or of what is nearly one. Of any other text only its shape is kept, each letter as
  A, each digit as 9: what lands in a scanner's field may be a password, or a patient's name on the ward's own label,
  and nothing is ever deleted here.
- A refused reading stands in the histories of what was read and of what it was held against; an accepted one is
  counted, and found in the log: the step that follows tells what was scanned.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from custody import codes
from custody.chain.apply import Fact, Lookup, when
from custody.chain.field_check import printable
from custody.chain.fields import choice, scan, text
from custody.chain.roles import EVERYBODY, UNBLINDED, Role, sees_arm
from custody.chain.scene import Scene
from custody.chain.step import N_, STEPS, Change, Command, Recorded, Spec, step
from custody.chain.things import KINDS, Plane, Thing

READ: Final = "code_read"
SOURCES: Final = ("camera", "wedge", "typed", "photo")
TYPED: Final = "typed"
WRONG_KIND, UNKNOWN, DOES_NOT_FIT, DOUBTED, FORM = "wrong_kind", "unknown", "does_not_fit", "doubted", "form"
UNREADABLE: Final = frozenset(map(str, codes.Reason))
REASONS: Final = (*map(str, codes.Reason), WRONG_KIND, UNKNOWN, DOES_NOT_FIT, DOUBTED, FORM)
"""Why a reading is refused: it is no code, or none that belongs here."""
REFUSED: Final = "readings/refused"
"""Under which the open log finds all refused readings; those of each source under `of_source`."""
SEALED_KINDS: Final = frozenset(kind for kind in codes.Kind if kind in KINDS and KINDS[kind].PLANE is Plane.SEALED)
NEARLY: Final = frozenset(
    {
        codes.Reason.NOT_A_DIN,
        codes.Reason.WRONG_CHECK_CHARACTER,
        codes.Reason.NOT_GS1,
        codes.Reason.WRONG_ARTICLE,
        codes.Reason.WRONG_KEYBOARD,
    }
)
"""Reasons of a text that has the form of a lot's or a vial's code: kept as it was read, sealed."""
SUBSTITUTE: Final = "\ufffd"


def of_source(source: str) -> str:
    """Give the name under which the open log finds the readings of a source."""
    return f"readings/{source}"


NAMES: Final = frozenset({REFUSED, *map(of_source, SOURCES)})
"""All that a reading is found under, and that is no code."""


class Taken(NamedTuple):
    """What a text was taken for: kind and code where it is a code, and why it was refused, if it was."""

    kind: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Command):
    """What both planes' readings have in common."""

    raw: str = text(N_("Text that was read"), required=False, fixed=True)
    kind: str = choice(N_("Taken for"), *((kind, kind) for kind in codes.Kind), required=False, fixed=True)
    code: str = scan("", N_("Code"), required=False)
    reason: str = choice(N_("Why it was refused"), *zip(REASONS, REASONS, strict=True), required=False, fixed=True)
    source: str = choice(N_("How it was read"), *zip(SOURCES, SOURCES, strict=True), fixed=True)
    symbology: str = text(N_("Symbology"), required=False, fixed=True)
    page: str = text(N_("On the page"), required=False, fixed=True)
    thing: str = scan("", N_("Page of"), required=False)

    def made(self, *names: str) -> Change:
        """Build the record, found under some names; a refused one is told where somebody would look for it."""
        told = (self.code, self.thing) if self.reason else ()
        return replace(self.change(type=READ), about=(*filter(None, told), *names))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Reading):
    """A blinded person scans."""

    SPEC = Spec(
        0,
        "read",
        N_("Scan a code"),
        EVERYBODY - UNBLINDED,
        "record",
        "",
        Plane.OPEN,
        creates=True,
        urgent=True,
        after_lock=True,
    )
    kind: str = choice(
        N_("Taken for"), *((kind, kind) for kind in codes.Kind if kind not in SEALED_KINDS), required=False, fixed=True
    )

    def record(self, scene: Scene) -> Recorded:
        """Record it openly."""
        del scene
        names = (of_source(self.source), REFUSED) if self.reason else (of_source(self.source),)
        return Recorded(open=self.made(*names))


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSealed(Reading):
    """Who sees the arm scans, or an investigator who breaks a code."""

    SPEC = Spec(
        0,
        "read_sealed",
        N_("Scan a code, sealed"),
        UNBLINDED | {Role.INVESTIGATOR},
        "record",
        "",
        Plane.SEALED,
        creates=True,
        urgent=True,
        after_lock=True,
    )

    def record(self, scene: Scene) -> Recorded:
        """Record it, sealed; under no name, for without any key one could count there what the bench scans."""
        del scene
        return Recorded(sealed=self.made())


READINGS: Final = frozenset({Read.SPEC.name, ReadSealed.SPEC.name})


@when(READ)
def code_read(_: Lookup, __: Fact) -> Iterator[Thing]:
    """Change nothing."""
    yield from ()


def reading(  # noqa: PLR0913 - what a scan is
    role: str, raw: str, taken: Taken, *, source: str, symbology: str = "", page: str = "", thing: str = ""
) -> Reading:
    """Build the reading that a person of this role may put on record: with nothing in it that others may not know."""
    openly = is_open(role, page, taken.kind)
    if openly and taken.kind in SEALED_KINDS:
        raw, taken = "", Taken(reason=taken.reason)
    made = Read if openly else ReadSealed
    return made(
        raw=kept(raw, taken.reason, openly=openly),
        kind=taken.kind,
        code=taken.code,
        reason=taken.reason,
        source=source,
        symbology=kept(symbology, ""),
        page=page if page in STEPS else "",
        thing=_known(thing, openly=openly),
    )


def is_open(role: str, page: str, kind: str) -> bool:
    """Say whether a reading may stand in the open log, by who scans what on which step's page.

    The seal of an emergency sheet is broken with a code break, and scanned for it: but for an order, that is sealed.
    """
    if sees_arm(role):
        return False
    if role not in ReadSealed.SPEC.by:
        return True
    on = STEPS[page].SPEC if page in STEPS else None
    if on is not None and role in on.by:
        return on.plane is Plane.OPEN
    return kind != codes.Kind.CODE_SHEET


def kept(raw: str, reason: str, *, openly: bool = False) -> str:
    """Give what goes on record of a text: itself where it is a code or nearly one, else its shape."""
    shown = "".join(map(_shown, raw[: codes.LONGEST_TEXT]))
    if reason not in UNREADABLE or (reason in NEARLY and not openly):
        return shown
    whole = reason == codes.Reason.WRONG_CHECK_SYMBOL and not (openly and _prefixed(raw) in SEALED_KINDS)
    return shown if whole else "".join(map(_shape, shown))


def _shown(character: str) -> str:
    """Give a character as a record may hold it: the separator of GS1 in its visible form."""
    if character == "\x1d":
        return "\u241d"
    return character if printable(character) else SUBSTITUTE


def _shape(character: str) -> str:
    if character.isalpha():
        return "A"
    return "9" if character.isdigit() else character


def _prefixed(raw: str) -> str:
    """Give the kind that the first letter of a mistyped code of ours names; a link's stands further back."""
    own = raw.rpartition("/")[2].strip().upper()
    return next((kind for kind, letter in codes.PREFIXES.items() if own.startswith(letter)), "")


def _known(thing: str, *, openly: bool) -> str:
    """Give the code of the page's thing, where it is one that this log may name."""
    scanned = understood(thing)
    return scanned.code if scanned and not (openly and scanned.kind in SEALED_KINDS) else ""


def doubted(scanned: codes.Scanned | None, keys: str) -> codes.Scanned | None:
    """Give the other code that a scanner's keys say, read as a US keyboard's; None where they say the same, or none.

    Scanner and computer may be set to different layouts and yet make a valid code: Y and Z change places in a batch
    number. Nobody knows then which of the two is on the label.
    """
    by_keys = understood(keys)
    if by_keys is None or scanned is None:
        return by_keys
    same = (scanned.kind, scanned.code, scanned.fields) == (by_keys.kind, by_keys.code, by_keys.fields)
    return None if same else by_keys


def understood(text: str) -> codes.Scanned | None:
    """Give what a text names, or None."""
    with suppress(codes.CodeError):
        return codes.read(text) if text else None
    return None
