"""A participant's trial number: their ward's code and a count, `NAN-001`, as case record forms bear it."""

from __future__ import annotations

from typing import Final

from custody.chain.protocol import Protocol

LONGEST_COUNT: Final = 9
"""Digits."""


def trial_number(site: str, count: int) -> str:
    """Give the number of a site's participant."""
    return f"{site}-{count:03d}"


def read_number(protocol: Protocol, text: str) -> tuple[str, str] | None:
    """Give site and number of a text that has the form of a trial number, however many zeros were typed; else None."""
    site, dash, count = text.strip().upper().rpartition("-")
    wards = {ward.code.upper(): ward.code for ward in protocol.sites if ward.kind == "icu"}
    if not dash or site not in wards or not (count.isascii() and count.isdigit()) or len(count) > LONGEST_COUNT:
        return None
    return wards[site], trial_number(wards[site], int(count))
