"""The sealed emergency sheets: on paper, for the hours when no page answers (step 21).

One page for each place of a randomisation list: site after site, so that no pile mixes them, each in the order of
its codes. These are random, so the order tells nothing. The order of the list, its places and how many were taken stand
nowhere on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from custody.chain.protocol import Arm, Protocol
from custody.chain.things import Stratum
from custody.labelling import Label, fill, pdf
from custody.labelling.design import find

DESIGN = "code_sheet"


def code_sheets(
    protocol: Protocol, lists: Iterable[Stratum], base_url: str, at: datetime, drawn: Callable[[], None]
) -> bytes:
    """Give the sheets of some sites' lists as one PDF of a time, each QR read back; `drawn` is called for each page."""
    places = [place for one in sorted(lists, key=lambda one: one.site) for place in sorted(_places(one))]
    return pdf(list(_labels(protocol, places, base_url, drawn)), find(DESIGN).title, at)


def _places(one: Stratum) -> Iterator[tuple[str, str, str]]:
    """Give the sheet's code, site and arm of each place."""
    return ((sheet, one.site, arm) for sheet, arm in zip(one.sheets, one.arms, strict=True))


def _labels(
    protocol: Protocol, places: Iterable[tuple[str, str, str]], base_url: str, drawn: Callable[[], None]
) -> Iterator[Label]:
    for sheet, site, arm in places:
        yield fill(DESIGN, {"code": sheet, **_words(protocol, site, protocol.arm(arm))}, base_url)
        drawn()


def _words(protocol: Protocol, code: str, arm: Arm) -> dict[str, str]:
    """Give what stands on a sheet: all arms are named on each, so that none is known by its ink."""
    site = protocol.site(code)
    others = (f"{other.name.fr} / {other.name.en}" for other in protocol.arms if other != arm)
    return {
        "trial": f"{protocol.short_title}  {protocol.registry}",
        "site": site.name if site else code,
        "phone": protocol.contact.emergency_phone,
        "arm_fr": arm.name.fr,
        "arm_en": arm.name.en,
        "other_arms": "; ".join(others),
    }
