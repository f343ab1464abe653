"""The downtime forms: the paper twin of each step, for the hours when no page answers.

One A4 page a step, French and English, with a place for each of its fields, for who did it and who signed, and for
the time. Each sheet has a code of its own, which the entry made of it later names (`chain.downtime`). The step's words
are those of its page; the others stand in `labels/forms/downtime_form.toml`, for the sponsor to edit.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from custody import codes
from custody.catalogue import catalogue
from custody.chain.downtime import has_twin
from custody.chain.duration import spoken_min
from custody.chain.fields import Field
from custody.chain.protocol import Protocol, Words
from custody.chain.step import STEPS, Command, Spec, fields_of
from custody.labelling import symbols
from custody.labelling.design import design_folder
from custody.labelling.pdf import typeset, vector
from custody.labelling.place import Symbol
from custody.printing import ROLE_NAMES

TEMPLATE: Final = Path(__file__).parent / "labelling" / "downtime_form.typ"
TEXTS: Final = "forms/downtime_form.toml"
MODULE: Final = 0.8
"""In mm, of the sheet's QR and DataMatrix: larger than a label's, for paper that was written on."""
Both = tuple[str, str]
"""A text in French and in English."""


def twins(role: str) -> list[Spec]:
    """Give the steps of a role that have a downtime form, in the order of the step table."""
    specs = (command.SPEC for command in STEPS.values())
    return sorted((spec for spec in specs if role in spec.by and has_twin(spec)), key=lambda spec: spec.number)


def forms(
    protocol: Protocol,
    specs: Iterable[Spec],
    zone: str,
    base_url: str,
    random_bytes: Callable[[int], bytes],
    at: datetime,
) -> bytes:
    """Give a PDF of a time with one sheet for each step, each under a fresh code, its symbols read back."""
    fresh = [(spec, codes.mint(codes.Kind.DOWNTIME_FORM, random_bytes)) for spec in specs]
    drawn = [_symbols(code, base_url) for _spec, code in fresh]
    sheets = [
        _sheet(protocol, STEPS[spec.name], zone, code) | {"symbols": list(map(vector, pair))}
        for (spec, code), pair in zip(fresh, drawn, strict=True)
    ]
    data = {"title": " / ".join(_texts()["title"]), "words": _texts(), "sheets": sheets}
    return typeset(TEMPLATE, data, drawn, at)


def _symbols(code: str, base_url: str) -> tuple[Symbol, Symbol]:
    url = codes.url(code, base_url)
    return (
        Symbol(0, 0, MODULE, MODULE, "QRCode", url, symbols.qr(url)),
        Symbol(0, 0, MODULE, MODULE, "DataMatrix", code, symbols.datamatrix(code)),
    )


@cache
def _texts() -> Mapping[str, Any]:
    return tomllib.loads((design_folder() / TEXTS).read_text(encoding="utf-8"))


def _sheet(protocol: Protocol, command: type[Command], zone: str, code: str) -> dict[str, Any]:
    spec = command.SPEC
    rows = [_row(protocol, spec.name, name, field) for name, field in fields_of(command)]
    note = _texts()["notes"].get(spec.name)
    return {
        "title": _both(spec.title),
        "number": spec.number,
        "roles": " · ".join(sorted(ROLE_NAMES[role] for role in spec.by)),
        "trial": f"{protocol.short_title}  {protocol.registry}",
        "code": codes.group(code),
        "zone": zone,
        "rows": [row for row in rows if row["is"] != "nothing"],
        "note": [text.format(**_limits(protocol)) for text in note] if note else [],
        "who": _both(spec.signed or spec.may_sign) if spec.signed or spec.may_sign else [],
        "second": _both(spec.second_meaning) if spec.second else [],
    }


def _row(protocol: Protocol, step: str, name: str, field: Field) -> dict[str, Any]:
    """Say how a field is written by hand; a list of what is scanned has a few places."""
    choices = list(_choices(protocol, step, name, field))
    kind = "choice" if choices and field.kind != "answers" else field.kind
    if field.scans in {"lot", "albumin_vial"}:
        kind = {"scan": "text", "scans": "lines"}[kind]  # a manufacturer's code is longer than ours
    return {
        "is": kind,
        "label": _both(field.label),
        "help": _both(field.help) if field.help else [],
        "unit": field.unit.replace("10^6", "10⁶"),
        "choices": choices,
        "optional": not (field.required or field.blank or field.kind in {"scans", "yes", "answers"}),
    }


def _choices(protocol: Protocol, step: str, name: str, field: Field) -> Iterator[Both]:
    if (step, name) == ("record_qc", "test"):
        yield from (_of(test.name) for test in protocol.qc)
    elif (step, name) == ("observe", "due_min"):
        yield from (("", spoken_min(minutes)) for minutes in protocol.observations)
    elif field.kind == "answers":
        yield from (_of(criterion.text) for criterion in (*protocol.inclusion, *protocol.exclusion))
    else:
        yield from (_both(text) for _code, text in field.choices)


def _limits(protocol: Protocol) -> dict[str, str]:
    """Give the limits that notes name, as people say them."""
    return {
        "bath": f"{protocol.bath_min / 10:g}–{protocol.bath_max / 10:g}",
        "block": f"{protocol.viability_block / 10:g}",
        "warn": f"{protocol.viability_warn / 10:g}",
        "volume": f"{protocol.volume / 1000:g}",
        "dose": f"{protocol.dose_tolerance / 10:g}",
        "check": str(protocol.check_valid),
        "planned": str(protocol.infusion_planned),
        "observations": ", ".join(map(spoken_min, protocol.observations)),
    }


def _of(words: Words) -> Both:
    return words.fr, words.en


def _both(text: str) -> Both:
    """Give a text of the pages in French and in English."""
    return catalogue("fr").gettext(text), text
