"""What came of a simulation: figures for a program (`report.json`) and a page to read (`report.pdf`)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import typst

from custody.chain.things import Deviation, Participant, Plane, SealedDeviation
from custody.chain.transitions import states
from custody.labelling import fonts
from custody.simulate.play import Play
from custody.simulate.trial import Plan, unreconciled

_TEMPLATE: Final = Path(__file__).with_name("report.typ")


@dataclass(frozen=True, slots=True)
class Site:
    """One ward's participants."""

    code: str
    name: str
    enrolled: int
    infused: int


@dataclass(frozen=True, slots=True)
class Late:
    """How long after the timetable's time of release, after the hold, one arm's bags were released, in minutes."""

    released: int
    count: int
    """Releases that came later than the timetable has them."""
    median: float
    worst: float


@dataclass(frozen=True, slots=True)
class Report:
    """The figures. No arm is in them but in `late`: counts are of both together."""

    protocol: str
    protocol_hash: str
    title: str
    seed: int
    faults: bool
    participants: int
    infused: int
    not_infused: int
    deviations: int
    refusals: int
    refusal_reasons: dict[str, int]
    unreconciled: int
    events_open: int
    events_sealed: int
    findings: int
    """Of the verification of the exported ledger, and of the replay."""
    steps: int
    seconds: float
    steps_per_second: float
    days: float
    """On the simulated clock."""
    late: dict[str, Late]
    """By arm: what the blinding hold did not hide, because the bench took longer than it."""
    sites: tuple[Site, ...]


def report_on(play: Play, plan: Plan, seconds: float, days: float, findings: int) -> Report:
    """Count what stands in the ledger at the end."""
    people = play.find(Participant, *states(Participant.KIND))
    infused = [one for one in people if one.status == "infused"]
    protocol = play.protocol
    return Report(
        protocol=protocol.id,
        protocol_hash=protocol.hash,
        title=protocol.title.en,
        seed=plan.seed,
        faults=plan.faults,
        participants=len(people),
        infused=len(infused),
        not_infused=len(people) - len(infused),
        deviations=sum(len(play.find(kind, *states(kind.KIND))) for kind in (Deviation, SealedDeviation)),
        refusals=play.asker.refused_steps,
        refusal_reasons=dict(sorted(play.asker.refused_for.items())),
        unreconciled=len(unreconciled(play)),
        events_open=play.count(Plane.OPEN),
        events_sealed=play.count(Plane.SEALED),
        findings=findings,
        steps=play.asker.steps,
        seconds=round(seconds, 3),
        steps_per_second=round(play.asker.steps / seconds, 1),
        days=round(days, 1),
        late={arm: _late(play, minutes) for arm, minutes in sorted(play.late.items())},
        sites=tuple(_sites(play, people)),
    )


def _late(play: Play, minutes: Sequence[float]) -> Late:
    usual = play.timetable.at["released"] - play.protocol.hold
    late = [round(max(one - usual, 0), 1) for one in minutes]
    return Late(len(minutes), sum(one > 0 for one in late), round(median(late), 1), max(late))


def _sites(play: Play, people: Sequence[Participant]) -> list[Site]:
    wards = [site for site in play.protocol.sites if site.kind == "icu"]
    here = {ward.code: [one for one in people if one.site == ward.code] for ward in wards}
    return [
        Site(ward.code, ward.name, len(here[ward.code]), sum(one.status == "infused" for one in here[ward.code]))
        for ward in wards
    ]


def write_json(report: Report, path: Path) -> None:
    """Write the figures."""
    path.write_text(json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_pdf(report: Report, path: Path) -> None:
    """Write the page."""
    data: dict[str, Any] = asdict(report)
    data["reasons"] = [[reason.replace("_", " "), count] for reason, count in report.refusal_reasons.items()]
    compiler = typst.Compiler(root=_TEMPLATE.parent, font_paths=[fonts.FOLDER], ignore_system_fonts=True)
    page = compiler.compile(_TEMPLATE, format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards="ua-1")
    path.write_bytes(page if isinstance(page, bytes) else b"")
