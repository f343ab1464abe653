"""What a protocol says besides its limits: arms, sites, contacts, criteria, the week, outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from custody.chain.protocol import Arm, Contact, Criterion, Outcome, Site, Words
from custody.chain.week import DAYS, Window
from custody.protocols.limits import DOSE, Limit, quantities
from custody.protocols.table import Table, whole

ARM_CODE: Final = "[A-Z][A-Z0-9_-]{0,15}", "a code of up to 16 capital letters and digits"
SITE_CODE: Final = "[A-Z][A-Z0-9]{1,5}", "a code of 2 to 6 capital letters and digits"
NAME: Final = "[a-z][a-z0-9_]{0,31}", "a code of up to 32 small letters, digits and _"
PHONE: Final = r"\+[1-9][0-9 ]{6,18}[0-9]", 'a telephone number such as "+33 3 53 01 00 00"'
CLOCK: Final = rf"(?:{'|'.join(DAYS)}) (?:[01][0-9]|2[0-3]):[0-5][0-9]"
ICU: Final = "icu"
CELL_THERAPY_UNIT: Final = "cell_therapy_unit"
SCORE, COUNT_OF_DAYS, YES_NO, EVENTS = "score", "days", "yes_no", "events"
_DOSE_LIMIT: Final = Limit("cells_per_kg", "arms", "dose", DOSE, 0, 10**9)

Seen = dict[str, int]


def coded(table: Table, form: tuple[str, str], seen: Seen) -> str:
    """Return a table's code, and note one that was used before."""
    code = table.text("code", *form)
    if code and code in seen:
        table.expected("code", f'another code than "{code}", which stands on line {seen[code]}', code)
    elif code:
        seen[code] = table.book.line((*table.where, "code"))
    return code


def arms(tables: Iterable[Table]) -> tuple[Arm, ...]:
    """Read the arms."""
    seen: Seen = {}
    return tuple(_arm(table, seen) for table in tables)


def _arm(table: Table, seen: Seen) -> Arm:
    code = coded(table, ARM_CODE, seen)
    dose = quantities(table, _DOSE_LIMIT, f"arms.{code}.dose")
    return Arm(code, table.words(), dose[0] if dose else -1)


def sites(tables: Iterable[Table]) -> tuple[Site, ...]:
    """Read the sites."""
    seen: Seen = {}
    return tuple(_site(table, seen) for table in tables)


def _site(table: Table, seen: Seen) -> Site:
    code = coded(table, SITE_CODE, seen)
    kind = table.choice("kind", [ICU, CELL_THERAPY_UNIT])
    zone = table.text("zone")
    if zone and zone not in zones():
        table.expected("zone", 'a zone of the IANA database such as "Europe/Paris"', zone)
    table.vouched(f"sites.{code}")
    contact = table.table("contact")
    contact.vouched(f"sites.{code}.contact")
    asked = contact.has("investigator") or kind == ICU
    return Site(
        code,
        table.text("name"),
        kind,
        zone,
        address=contact.text("address"),
        phone=contact.text("phone", *PHONE),
        investigator=contact.text("investigator") if asked else "",
    )


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    """Return the names of all zones known here."""
    return frozenset(available_timezones())


def contact(table: Table) -> Contact:
    """Read whom to call."""
    table.vouched("contact")
    return Contact(
        table.text("name"),
        table.text("address"),
        table.text("phone", *PHONE),
        table.text("emergency_phone", *PHONE),
    )


def criteria(table: Table) -> tuple[tuple[Criterion, ...], tuple[Criterion, ...]]:
    """Read inclusion and exclusion criteria; their codes differ, as they are answered on one form."""
    seen: Seen = {}

    def read(entry: Table) -> Criterion:
        code = coded(entry, NAME, seen)
        entry.vouched(f"eligibility.{code}")
        return Criterion(code, entry.words())

    inclusion = tuple(read(entry) for entry in table.tables("inclusion"))
    return inclusion, tuple(read(entry) for entry in table.tables("exclusion"))


def fact(table: Table, name: str) -> Words:
    """Read a text with where it is from."""
    table.vouched(name)
    return table.words()


def window(table: Table) -> Window:
    """Read the stretch of the week."""
    table.vouched("window.week")
    start, end = (table.text(key, CLOCK, 'a day and time such as "Mon 08:00"') for key in ("start", "end"))
    return Window(*_moment(start), *_moment(end))


def _moment(text: str) -> tuple[int, int]:
    if not text:
        return 1, 0
    day, clock = text.split(" ")
    return DAYS.index(day) + 1, int(clock[:2]) * 60 + int(clock[3:])


def outcomes(tables: Iterable[Table]) -> tuple[Outcome, ...]:
    """Read what is asked in the follow-up."""
    seen: Seen = {}
    return tuple(_outcome(table, seen) for table in tables)


def _outcome(table: Table, seen: Seen) -> Outcome:
    code = coded(table, NAME, seen)
    table.vouched(f"outcomes.{code}")
    kind, days = table.choice("kind", [SCORE, COUNT_OF_DAYS, YES_NO, EVENTS]), _days(table)
    maximum = table.whole("maximum", 1, 1_000) if kind == SCORE else None
    if kind == COUNT_OF_DAYS:
        maximum = max(days, default=None)
    return Outcome(code, table.words(), kind, days, table.yes("primary"), table.yes("or_exit"), maximum)


def _days(table: Table) -> tuple[int, ...]:
    found = table.take("days")
    if found is None:
        return ()
    if not isinstance(found, list) or not found:
        table.expected("days", "a list of days", found)
        return ()
    where = (*table.where, "days")
    days = [whole(table.book, (*where, index), day, 0, 36_500) for index, day in enumerate(found)]
    good = tuple(day for day in days if day is not None)
    if list(good) != sorted(set(good)):
        table.book.expected(where, "days in rising order", found)
    return good
