"""What is done on paper while the network is down, and entered later with its own time.

The downtime form is the paper twin of a step. What stands on it counts as of the time that is written on it: the rules
are asked as of then (`Scene.at`), so that a bag given in time is not refused as expired when the network is back. The
record keeps both times and the code of the form, which stays the source document (ICH E6(R3) 2.12: attributable,
contemporaneous, original).

On the ward a form is refused for no limit that was passed, if whoever enters it signs that it was so: the bag was
given, expired or not, and its stop and its vital signs follow. The step raises its deviation itself (`chain.beyond`).

Vital signs are entered in any order. Neither they nor a correction keep back a step that was done before them: else
the start of the night could no more be entered once the morning's observation stands.

What happens in this system alone has no twin: an order draws its place from the list here, and the code of a
participant is broken here or by the sealed sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from custody.chain.fields import Field
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Spec, fields_of, unless_signed
from custody.chain.things import KINDS, code_of

NUMBERS: Final = frozenset({*range(1, 18), 20})
"""Of the step table: what hands do, and deviations."""
HERE_ALONE: Final = frozenset({"order"})
IN_ANY_ORDER: Final = frozenset({"observe"})
"""Steps entered after what came later too: vital signs lie on several sheets, and hold to the start alone."""
HOLDS_NONE_BACK: Final = frozenset({"observed", "record_corrected", "sealed_record_corrected"})
"""Types of record before which a step may be entered all the same: they lead to no state that it follows."""
OF_THE_HOUR: Final = frozenset({Reason.EXPIRED, Reason.CHECK_LONG_BEFORE})
"""Refusals that the time alone decides: nobody can say them of a form whose time is missing, or is still to come."""
FIELDS: Final[Mapping[str, Field]] = {
    "done_at": Field("datetime", N_("When it was done"), past=True),
    "downtime_form": Field("scan", N_("Code of the downtime form"), scans="downtime_form", required=False),
}
"""What is entered of a form besides the step's own fields. Any paper may have been used, then without a code."""


def has_twin(spec: Spec) -> bool:
    """Return whether a step may be done on a downtime form."""
    return spec.number in NUMBERS and spec.name not in HERE_ALONE


def unless_on_paper(scene: Scene, spec: Spec, out: Iterator[Refusal]) -> Iterator[Refusal]:
    """Yield what keeps a step from being done; of what was done on paper only where nobody signed that it was so."""
    yield from unless_signed(scene, spec, out) if scene.downtime else out


def check_downtime(command: Command, scene: Scene) -> Iterator[Refusal]:
    """Yield a step that has no paper twin, and a time before what changed one of its things last.

    A form has whole minutes: within the same minute the one may follow the other.
    """
    if not has_twin(command.SPEC):
        yield refuse(Reason.NOT_ON_PAPER)
    if command.SPEC.name in IN_ANY_ORDER:
        return
    for kind, code in _scanned(command):
        changed = scene.changed_at(KINDS[kind], code_of(kind, code))
        if changed and scene.at < changed.replace(second=0, microsecond=0):
            yield refuse(Reason.BEFORE_THE_LAST, code=code, at=scene.local(changed))


def _scanned(command: Command) -> Iterator[tuple[str, str]]:
    """Yield kind and code of each thing that the step names, where its field takes one kind alone."""
    for name, field in fields_of(type(command)):
        value: str | tuple[str, ...] = getattr(command, name) if field.scans in KINDS else ()
        for code in (value,) if isinstance(value, str) else value:
            if code:
                yield field.scans, code
