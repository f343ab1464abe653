"""What a code, or its thing as it stands, says at a scan on whatever page: expired, another trial's, elsewhere.

What may be done all the same (an expired bag is returned, or destroyed) is for the rules of each step.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from custody.chain.expiry import passed
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.things import Participant, Shipper, Thing, TreatmentBag
from custody.codes import Kind, Scanned


def at_scan(scanned: Scanned, thing: Thing | None, protocol: Protocol, now: datetime, site: str) -> Iterator[Refusal]:
    """Yield what whoever works at `site` should know of what they scanned; `thing` is None where none is on record."""
    if thing is None:
        if scanned.kind is Kind.ALBUMIN_VIAL:
            yield from unusable(scanned, protocol, protocol.said(now, site))
        return
    expired_at = passed(thing, now)
    if expired_at:
        yield refuse(Reason.EXPIRED, code=thing.code, expiry=protocol.said(expired_at, site))
    here = protocol.site(site)
    if here and here.kind == "icu" and isinstance(thing, TreatmentBag | Shipper | Participant):
        whose = getattr(thing, "destination", "") or thing.site
        if whose not in {"", site}:
            yield refuse(Reason.SITE, expected=whose, found=site)


def unusable(vial: Scanned, protocol: Protocol, now: str) -> Iterator[Refusal]:
    """Yield why a vial is used for nothing here: it expired (`now` is of the vial's place), or is for another trial."""
    expiry = vial.fields.get("expiry", "")
    today, minute = now[:10], now[:16].replace(" ", "T")
    if expiry and (expiry <= minute if "T" in expiry else expiry < today):
        yield refuse(Reason.VIAL_EXPIRED, code=vial.code, expiry=expiry.replace("T", " "))
    trial = vial.fields.get("protocol", "")
    if trial and trial.casefold() not in names(protocol):
        yield refuse(Reason.OTHER_TRIAL, code=vial.code, trial=trial, ours=protocol.short_title or protocol.id)


def names(protocol: Protocol) -> frozenset[str]:
    """Return what a label may call this trial, as GS1 (7240) holds it: without blanks, in either case."""
    said = (protocol.id, protocol.short_title, protocol.registry, protocol.reference)
    return frozenset(name.replace(" ", "").casefold() for name in said if name)
