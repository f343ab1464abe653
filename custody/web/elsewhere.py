"""Labels of another service: our form of link, leading to another host. Such a code is ours only where it is on record.

A label may be older than the service's address, and a code that is known is one of ours. A new one is not: another
trial's wristband must not become a participant's here. A blinded person's sealed codes are as unknown as any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from flask import current_app, request

from custody import codes
from custody.chain.entry_value import BLANKS
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.step import Command, fields_of
from custody.web.seen import visible


def base() -> str:
    """Give what our labels' links begin with."""
    return str(current_app.extensions["config"].base_url)


def is_elsewhere(scanned: codes.Scanned) -> bool:
    """Say whether a code was read from a link to another host, and is none that this person sees on record."""
    here = {urlsplit(base()).netloc.lower(), request.host.lower(), ""}
    return scanned.host not in here and not visible(scanned.code)


def refused(command: type[Command], given: Mapping[str, str]) -> Iterator[Refusal]:
    """Yield every code that came into a step's fields from a label of another service."""
    scans = [name for name, field in fields_of(command) if field.kind in {"scan", "scans"}]
    for text in (text for name in scans for text in BLANKS.split(given[name])):
        with suppress(codes.CodeError):
            scanned = codes.read(text)
            if is_elsewhere(scanned):
                yield refuse(Reason.OTHER_SERVICE, code=scanned.code, host=scanned.host)
