"""The words of the field, as pages show them: one English name per kind, state and role, translated in one place.

`tests/web/test_words.py` holds them against the tables of `chain`: none is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import get_locale
from flask_babel import gettext as _

from custody import codes
from custody.chain.protocol import Protocol, Words
from custody.chain.refusals import Refusal
from custody.chain.step import N_

KINDS: Final[Mapping[str, str]] = {
    "lot": N_("lot"),
    "cryobag": N_("cryobag"),
    "location": N_("location"),
    "albumin_vial": N_("albumin vial"),
    "stratum": N_("randomisation list"),
    "allocation": N_("allocation"),
    "preparation": N_("preparation"),
    "participant": N_("participant"),
    "treatment_bag": N_("treatment bag"),
    "shipper": N_("shipper"),
    "seal": N_("seal"),
    "logger": N_("temperature logger"),
    "device": N_("device"),
    "handoff": N_("handoff"),
    "deviation": N_("deviation"),
    "sealed_deviation": N_("bench deviation"),
    "person": N_("person"),
    "trial": N_("trial"),
    "sealed_trial": N_("sealed half of the trial"),
}

STATES: Final[Mapping[str, str]] = {
    "": N_("not yet recorded"),
    "registered": N_("waiting for QC"),
    "released": N_("released"),
    "rejected": N_("rejected"),
    "received": N_("received"),
    "stored": N_("stored"),
    "reserved": N_("reserved"),
    "thawed": N_("thawed"),
    "counted": N_("counted"),
    "failed": N_("failed"),
    "used": N_("used"),
    "destroyed": N_("destroyed"),
    "free": N_("free"),
    "occupied": N_("occupied"),
    "ordered": N_("ordered"),
    "diluted": N_("diluted"),
    "covered": N_("labelled and covered"),
    "enrolled": N_("enrolled"),
    "infused": N_("infused"),
    "cancelled": N_("cancelled"),
    "packed": N_("packed"),
    "in_transit": N_("in transit"),
    "checked": N_("checked at the bedside"),
    "infusing": N_("infusing"),
    "paused": N_("paused"),
    "returned": N_("returned"),
    "opened": N_("opened"),
    "open": N_("open"),
    "closed": N_("closed"),
    "active": N_("active"),
    "running": N_("running"),
    "reconciled": N_("reconciled"),
    "loaded": N_("loaded"),
    "allocated": N_("allocated"),
}

ROLES: Final[Mapping[str, str]] = {
    "cell_technician": N_("cell technician"),
    "responsible_person": N_("responsible person"),
    "courier": N_("courier"),
    "icu_nurse": N_("ICU nurse"),
    "investigator": N_("investigator"),
    "monitor": N_("trial monitor"),
    "statistician": N_("statistician"),
    "inspector": N_("inspector"),
    "unblinded_inspector": N_("unblinded inspector"),
    "administrator": N_("administrator"),
    "system": N_("system"),
}

FACTS: Final[Mapping[str, str]] = {
    "occurred_at": N_("the time"),
    "onset": N_("the start of catecholamines"),
    "manufacture": N_("manufacture"),
    "expiry": N_("expiry"),
    "ended_at": N_("the end"),
    "started_at": N_("the start"),
}
"""Names of values that refusals speak of."""

DAYS: Final[Mapping[str, str]] = {
    "Mon": N_("Mon"),
    "Tue": N_("Tue"),
    "Wed": N_("Wed"),
    "Thu": N_("Thu"),
    "Fri": N_("Fri"),
    "Sat": N_("Sat"),
    "Sun": N_("Sun"),
}

_WORDS: Final[Mapping[str, str]] = {**KINDS, **STATES, **ROLES, **FACTS, **DAYS}


def kind(name: str) -> str:
    """Name a kind of thing."""
    return _(KINDS.get(name, name))


def state(name: str) -> str:
    """Name a state."""
    return _(STATES.get(name, name))


def role(name: str) -> str:
    """Name a role."""
    return _(ROLES.get(name, name))


def of(words: Words) -> str:
    """Give a text of the protocol in the request's language."""
    locale = get_locale()
    return words.fr if locale and locale.language == "fr" else words.en


def site(protocol: Protocol, code: str) -> str:
    """Name a site."""
    found = protocol.site(code)
    return found.name if found else code


def refusal(item: Refusal, protocol: Protocol) -> str:
    """Say in words of the request's language why a step is refused."""
    facts = {name: _fact(name, value, protocol) for name, value in item.facts.items()}
    try:
        return _(item.reason.sentence).format_map(facts)
    except KeyError:
        return f"{_(item.reason.sentence)} {facts}"


def _fact(name: str, value: str, protocol: Protocol) -> str:
    if name == "criterion":
        return _criterion(value, protocol)
    if name in {"code", "codes", "shipper"}:
        return ", ".join(codes.group(part.rpartition("/")[2]) for part in value.split(", "))
    if protocol.site(value):
        return site(protocol, value)
    if name in {"window", "found"} and value[:3] in DAYS:
        return " ".join(_word(part) for part in value.split(" "))
    return ", ".join(_word(part) for part in value.split(", "))


def _criterion(text: str, protocol: Protocol) -> str:
    for criterion in (*protocol.inclusion, *protocol.exclusion):
        if text in {criterion.code, criterion.text.en}:
            return of(criterion.text)
    return text


def _word(text: str) -> str:
    return _(_WORDS[text]) if text in _WORDS and text else text
