"""How a thing is shown: which of its facts, in which order, each in its unit and the reader's words.

A page shows a thing of one plane; what is not listed here is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _

from custody import codes
from custody.chain.expiry import minute_from
from custody.chain.handoff import WHY
from custody.chain.protocol import Protocol, QcTest, Site
from custody.chain.step import N_
from custody.chain.take_over import TAKEN_OVER
from custody.chain.things import TRIAL, Deviation, Lot, Thing
from custody.chain.unblinding import REASONS
from custody.web import reasons, words
from custody.web.amounts import amount, as_entered


@dataclass(frozen=True, slots=True)
class Shown:
    """One fact on a page: its name, its value in words, and the code it links to."""

    label: str
    value: str
    link: str = ""
    instant: str = ""
    """ISO 8601, where the fact is a time."""


DEVIATION: Final[tuple[tuple[str, str, str], ...]] = (
    ("about", N_("About"), "code"),
    ("what", N_("What happened"), "text"),
    ("cause", N_("Cause"), "text"),
    ("action", N_("Action"), "text"),
    ("raised_by", N_("Raised by"), "person"),
    ("closed_by", N_("Closed by"), "person"),
)
"""Alike in both planes."""
FACTS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "lot": (
        ("product_code", N_("Product code"), "text"),
        ("donor", N_("Donor"), "text"),
        ("tissue", N_("Tissue source"), "text"),
        ("manufactured_on", N_("Manufactured on"), "text"),
        ("expires_at", N_("Expires"), "time"),
        ("cells_per_cryobag", N_("Cells in each cryobag"), "cells"),
        ("expected_viability_permille", N_("Viability expected after thaw"), "percent"),
        ("cryobags", N_("Cryobags"), "codes"),
    ),
    "cryobag": (
        ("lot", N_("Lot"), "code"),
        ("location", N_("Location"), "code"),
        ("expires_at", N_("Expires"), "time"),
        ("treatment_bag", N_("Treatment bag"), "code"),
        ("thawed_at", N_("Thaw ended"), "time"),
        ("viable_cells_per_ml", N_("Viable cells"), "concentration"),
        ("volume_ul", N_("Volume"), "ml"),
        ("viability_permille", N_("Viability"), "percent"),
    ),
    "location": (
        ("name", N_("Name"), "text"),
        ("temperature_class", N_("Temperature"), "text"),
        ("cryobag", N_("Cryobag"), "code"),
    ),
    "preparation": (
        ("arm", N_("Arm"), "arm"),
        ("weight_g", N_("Weight"), "kg"),
        ("prescribed_cells", N_("Dose prescribed"), "cells"),
        ("actual_cells", N_("Dose prepared"), "cells"),
        ("cryobags", N_("Cryobags"), "codes"),
        ("drawn_ul", N_("Suspension drawn"), "ml"),
        ("albumin_ul", N_("Albumin"), "ml"),
        ("dilution_ended_at", N_("Dilution ended"), "time"),
    ),
    "participant": (
        ("number", N_("Trial number"), "text"),
        ("site", N_("Site"), "site"),
        ("weight_g", N_("Weight"), "kg"),
        ("unsealed_arm", N_("Arm"), "arm"),
        ("treatment_bags", N_("Treatment bags"), "codes"),
        ("code_sheet", N_("Emergency sheet"), "code"),
    ),
    "code_break": (("breaks", N_("Code broken"), "breaks"),),
    "code_sheet": (
        ("participant", N_("Participant"), "code"),
        ("site", N_("Site"), "site"),
    ),
    "treatment_bag": (
        ("participant", N_("Participant"), "code"),
        ("unsealed_arm", N_("Arm"), "arm"),
        ("site", N_("For"), "site"),
        ("ready_at", N_("Ready at"), "from"),
        ("expires_at", N_("Expires"), "time"),
        ("code_sheet", N_("Emergency sheet"), "code"),
        ("custodian", N_("Custodian"), "person"),
        ("shipper", N_("Shipper"), "code"),
        ("started_at", N_("Infusion started"), "time"),
        ("stopped_at", N_("Infusion stopped"), "time"),
        ("given_ul", N_("Volume given"), "ml"),
    ),
    "shipper": (
        ("destination", N_("For"), "site"),
        ("custodian", N_("Custodian"), "person"),
        ("bags", N_("Treatment bags"), "codes"),
        ("seal", N_("Seal"), "text"),
        ("logger", N_("Temperature logger"), "text"),
    ),
    "handoff": (
        ("item", N_("Thing"), "code"),
        ("giver", N_("Given by"), "person"),
        ("receiver", N_("Received by"), "person"),
        ("at", N_("When"), "time"),
        ("temperature_dc", N_("Temperature"), "celsius"),
    ),
    "deviation": DEVIATION,
    "sealed_deviation": DEVIATION,
    "person": (
        ("name", N_("Name"), "text"),
        ("role", N_("Role"), "role"),
        ("site", N_("Site"), "site"),
    ),
}


TAKEN: Final[Mapping[str, str]] = {"giver": N_("Taken over from"), "receiver": N_("Taken over by")}
"""Names of the facts of a handoff that nobody gave."""
GONE: Final = frozenset({"destroyed", "cancelled"})
"""States of what nobody holds any more."""


@dataclass(frozen=True, slots=True)
class Result:
    """One test of the release specification; `value` is empty while it is not recorded."""

    test: str
    name: str
    value: str
    passed: bool


class Showing:
    """Shows things to one reader: in their site's zone, with people's names by `name_of`, numbers by `whose`."""

    def __init__(
        self, protocol: Protocol, site: str, name_of: Callable[[str], str], whose: Callable[[str], str]
    ) -> None:
        """Take the trial, the reader's site, what names a badge or a place, and gives the trial number of a sheet."""
        self._protocol = protocol
        self._site: Site = protocol.site(site) or protocol.sites[0]
        self._name_of = name_of
        self._whose = whose

    def facts(self, thing: Thing) -> list[Shown]:
        """Give the facts of a thing that are there, in their order."""
        return [shown for row in FACTS.get(thing.KIND, ()) for shown in self._fact(thing, *row)]

    def qc(self, lot: Lot) -> list[Result]:
        """Give the lot's test results, in the order of the specification."""
        entered = {test: (result, passed) for test, result, passed in lot.qc}
        return [_result(test, entered.get(test.code)) for test in self._protocol.qc]

    def time(self, instant: datetime) -> str:
        """Write a time with date, hour and the zone's abbreviation."""
        return self._site.said(instant)

    def broken(self, one: Sequence[str]) -> str:
        """Say of one code break who, when and why; never the arm."""
        badge, at, why, reason, other_sheet = one
        wrong = self._other(other_sheet) if other_sheet else ""
        said = _(dict(REASONS).get(why, why))
        return ", ".join(
            filter(None, (self._name_of(badge), self.time(datetime.fromisoformat(at)), said, reason, wrong))
        )

    def _other(self, sheet: str) -> str:
        """Say which wrong sheet was opened and whose it is: they are known to an investigator, or will be."""
        number = self._whose(sheet)
        if number:
            return _(
                "the wrong sheet was opened, %(sheet)s: it is of %(number)s", sheet=codes.group(sheet), number=number
            )
        unused = _("its place is unused yet: whoever takes it gets an arm that an investigator knows")
        return _("the wrong sheet was opened, %(sheet)s: %(whose)s", sheet=codes.group(sheet), whose=unused)

    def refused(self, one: Sequence[str]) -> str:
        """Say of a refused handoff who did not take the thing over, when and why."""
        badge, why, in_words, at = one
        reason = ", ".join(filter(None, (_(dict(WHY).get(why, why)), in_words)))
        when = self.time(datetime.fromisoformat(at))
        said = {"person": self._name_of(badge), "when": when, "why": reason}
        return _("Handoff refused by %(person)s, %(when)s: %(why)s. A deviation is due.", **said)

    def _fact(self, thing: Thing, name: str, label: str, form: str) -> Iterator[Shown]:
        value = getattr(thing, name)
        if name == "what" and isinstance(thing, Deviation):
            value = reasons.happened(thing, self._protocol)
        label = TAKEN.get(name, label) if thing.status == TAKEN_OVER else label
        if name == "custodian" and thing.status in GONE:
            return
        if value in {"", None, (), 0} and not (name == "prescribed_cells" and value == 0):
            return
        if form == "breaks":
            yield from (Shown(_(label), self.broken(one)) for one in value)
        elif isinstance(value, tuple):
            for code in value:
                yield Shown(_(label), codes.group(code), code)
        elif value == TRIAL:
            yield Shown(_(label), words.kind(TRIAL))
        elif form == "code":
            yield Shown(_(label), " ".join(filter(None, (self._place(name, value), codes.group(value)))), value)
        elif isinstance(value, datetime):
            said = minute_from(value) if form == "from" else value
            yield Shown(_(label), self.time(said), instant=said.isoformat())
        else:
            yield Shown(_(label), self._text(form, value))

    def _place(self, name: str, code: str) -> str:
        """Name a place, which people know by its name; anything else is known by its code."""
        return self._name_of(code) if name == "location" else ""

    def _text(self, form: str, value: Any) -> str:
        match form:
            case "person":
                return self._name_of(value)
            case "site":
                return words.site(self._protocol, value)
            case "role":
                return words.role(value)
            case "arm":
                return words.of(self._protocol.arm(value).name)
            case "text":
                return str(value)
            case _:
                return amount(form, value)


def _result(test: QcTest, entered: tuple[str, bool] | None) -> Result:
    value, passed = entered or ("", False)
    said = dict(test.results).get(value)
    text = words.of(said) if said else f"{as_entered(value)} {words.unit(test.unit)}".strip() if value else ""
    return Result(test.code, words.of(test.name), text, passed)
