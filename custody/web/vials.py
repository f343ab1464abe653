"""What a scan says of an albumin vial: what eyes find on it, so that the two are compared, and where it belongs."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from custody import codes, gs1
from custody.chain.preparation import Dilute
from custody.chain.step import N_
from custody.web.who import person

SAID: Final = {
    "batch": N_("batch %(value)s"),
    "serial": N_("serial number %(value)s"),
    "expiry": N_("expires %(value)s"),
}
"""What eyes find on a vial, and what is taken over from its code."""


def typed(vial: codes.Scanned) -> str:
    """Give what eyes find on a vial."""
    found = (_(said, value=vial.fields[name].replace("T", " ")) for name, said in SAID.items() if name in vial.fields)
    return " · ".join(found)


def doubt(vial: codes.Scanned) -> str:
    """Say that a batch may hold more than a batch: nothing in the code itself would tell."""
    if not gs1.may_lack_separator(vial.fields, vial.raw):
        return ""
    return _("Compare the batch with the vial: the scanner may have lost the separator after it.")


def at_the_bench() -> bool:
    """Say whether this person uses vials, or checks them."""
    return person().role in {*Dilute.SPEC.by, *Dilute.SPEC.second}
