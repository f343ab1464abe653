"""Which label goes on which thing, and what stands on it: a design of `labels/`, filled.

A blinded label is filled from the open plane and the protocol alone, so both arms get the same but for code,
participant, emergency sheet and expiry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from custody import codes
from custody.chain.field_check import amount
from custody.chain.labels import DESIGN_OF
from custody.chain.protocol import Protocol, Site
from custody.chain.things import (
    CodeSheet,
    Cryobag,
    Handoff,
    Location,
    Lot,
    Participant,
    Person,
    Shipper,
    Thing,
    TreatmentBag,
)
from custody.labelling import Label, fill
from custody.labelling.design import find

LookUp = Callable[[str], list[Thing]]
"""Gives the things of a code that may be seen."""


class NoLabel(LookupError):
    """A thing for which there is no label, or one that may not be seen."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A label that is printed beforehand: what it will go on."""

    kind: codes.Kind
    thing: Callable[[str, str], Thing]
    """Makes the thing, of which nothing is known yet, from its code and site."""


BLANKS: Final[Mapping[str, Blank]] = {
    "wristband": Blank(
        codes.Kind.PARTICIPANT,
        lambda code, site: Participant(code=code, status="", site=site, number="", weight_g=0),
    ),
    "shipper": Blank(
        codes.Kind.SHIPPER,
        lambda code, site: Shipper(code=code, status="", site=site),
    ),
}
"""By design: labels of things that come on record by being scanned."""


@dataclass(frozen=True, slots=True)
class Printer:
    """Fills labels for one trial."""

    protocol: Protocol
    look_up: LookUp
    base_url: str

    def label(self, code: str) -> Label:
        """Give the label of a thing; raise `NoLabel`, or `LabelError` where something does not fit."""
        for thing in self.look_up(code):
            design = DESIGN_OF.get(thing.KIND)
            if design:
                return fill(design, {"code": code, **_FIELDS[thing.KIND](self, thing)}, self.base_url)
        message = f"{code} has no label"
        raise NoLabel(message)

    def blank(self, design: str, code: str, site: str = "") -> Label:
        """Give a label printed beforehand, under a fresh code: a wristband for a ward, or one to write the ward on."""
        thing = BLANKS[design].thing(code, site)
        known = {"site"} if site else set()
        empty = {name: "" for name in find(design).to_write if name not in known}
        return fill(design, {"code": code, **_FIELDS[thing.KIND](self, thing), **empty}, self.base_url, beforehand=True)

    def site(self, code: str) -> Site:
        """Give a site, the cell therapy unit for none."""
        return self.protocol.site(code) or self.unit

    @property
    def unit(self) -> Site:
        """Give the cell therapy unit."""
        return next(site for site in self.protocol.sites if site.kind == "cell_therapy_unit")

    @property
    def trial(self) -> str:
        """Give the trial's short title and registry number."""
        return f"{self.protocol.short_title}  {self.protocol.registry}"

    def name(self, code: str) -> str:
        """Name the person of a badge."""
        person = self.one(Person, code)
        return person.name if isinstance(person, Person) else codes.group(code)

    def one(self, kind: type[Thing], code: str) -> Thing | None:
        """Give a thing of a kind, or None."""
        return next((thing for thing in self.look_up(code) if isinstance(thing, kind)), None)


def moment(site: Site, instant: datetime) -> str:
    """Write date, hour and zone."""
    local = site.local(instant)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def transport(protocol: Protocol) -> str:
    """Write the temperatures of transport."""
    return f"{protocol.transport_min / 10:g}–{protocol.transport_max / 10:g} °C"


def _cryobag(printer: Printer, thing: Thing) -> dict[str, str]:
    bag = cast("Cryobag", thing)
    lot = cast("Lot | None", printer.one(Lot, bag.lot))
    return {
        "din": bag.lot,
        "product_code": lot.product_code if lot else "",
        "division": "00",
        "cells": f"{amount(lot.cells_per_cryobag if lot else 0, 1_000_000)} × 10⁶",
        "expiry": moment(printer.unit, bag.expires_at),
        "storage": printer.protocol.storage_class,
        "trial": printer.protocol.short_title,
    }


def _treatment_bag(printer: Printer, thing: Thing) -> dict[str, str]:
    bag = cast("TreatmentBag", thing)
    participant = cast("Participant | None", printer.one(Participant, bag.participant))
    site, contact = printer.site(bag.site), printer.protocol.contact
    return {
        "participant": participant.number if participant else "",
        "expiry": moment(site, bag.expires_at),
        "sheet": codes.group(bag.code_sheet),
        "trial": printer.trial,
        "sponsor": printer.protocol.sponsor,
        "site": site.name,
        "investigator": site.investigator,
        "contact": f"{contact.name}, {contact.address}",
        "phone": contact.emergency_phone,
        "storage": transport(printer.protocol),
    }


def _shipper(printer: Printer, thing: Thing) -> dict[str, str]:
    shipper = cast("Shipper", thing)
    to, unit = printer.site(shipper.destination), printer.unit
    return {
        "trial": printer.trial,
        "sender": f"{unit.name}, {unit.address}",
        "recipient": f"{to.name}, {to.address}",
        "phone": to.phone,
        "seal": shipper.seal,
        "logger": shipper.logger,
        "temperature": transport(printer.protocol),
    }


def _location(printer: Printer, thing: Thing) -> dict[str, str]:
    location = cast("Location", thing)
    return {
        "name": location.name,
        "site": printer.site(location.site).code,
        "temperature": printer.protocol.storage_class,
    }


def _badge(printer: Printer, thing: Thing) -> dict[str, str]:
    person = cast("Person", thing)
    site = printer.protocol.site(person.site)
    return {
        "trial": printer.protocol.short_title,
        "name": person.name,
        "role": ROLE_NAMES.get(person.role, person.role),
        "site": site.name if site else printer.protocol.sponsor,
    }


def _wristband(printer: Printer, thing: Thing) -> dict[str, str]:
    participant = cast("Participant", thing)
    site = printer.site(participant.site)
    return {
        "trial": printer.trial,
        "participant": participant.number,
        "site": site.name,
        "phone": printer.protocol.contact.emergency_phone,
    }


def _chart(printer: Printer, thing: Thing) -> dict[str, str]:
    """Fill the label of the medical file: whose the sealed sheet is; never the sheet itself, which holds the arm."""
    participant = cast("Participant | None", printer.one(Participant, cast("CodeSheet", thing).participant))
    return {
        "trial": printer.trial,
        "participant": participant.number if participant else "",
        "phone": printer.protocol.contact.emergency_phone,
    }


def _handoff(printer: Printer, thing: Thing) -> dict[str, str]:
    handoff = cast("Handoff", thing)
    shipper = cast("Shipper | None", printer.one(Shipper, handoff.item))
    stated = "sans remarque / no remark" if handoff.sound else "voir l'enregistrement / see the record"
    return {
        "trial": printer.trial,
        "item": codes.group(handoff.item),
        "giver": printer.name(handoff.giver),
        "receiver": printer.name(handoff.receiver),
        "at": moment(printer.site(handoff.site), handoff.at),
        "seal": shipper.seal if shipper else "–",
        "temperature": f"{handoff.temperature_dc / 10:g} °C",
        "condition": stated,
    }


ROLE_NAMES: Final[Mapping[str, str]] = {
    "cell_technician": "Technicien / Technician",
    "responsible_person": "Personne responsable / Responsible person",
    "courier": "Coursier / Courier",
    "icu_nurse": "Infirmier / Nurse",
    "investigator": "Investigateur / Investigator",
    "monitor": "Moniteur / Monitor",
    "statistician": "Statisticien / Statistician",
    "inspector": "Inspecteur / Inspector",
    "unblinded_inspector": "Inspecteur hors insu / Unblinded inspector",
    "administrator": "Administrateur / Administrator",
}
"""French first and English: a badge is read in both."""

_FIELDS: Final[Mapping[str, Callable[[Printer, Thing], dict[str, str]]]] = {
    "cryobag": _cryobag,
    "treatment_bag": _treatment_bag,
    "shipper": _shipper,
    "location": _location,
    "person": _badge,
    "participant": _wristband,
    "code_sheet": _chart,
    "handoff": _handoff,
}
