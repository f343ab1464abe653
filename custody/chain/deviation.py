"""Deviations (step 20): what went otherwise than the protocol says, raised by anyone, closed with a signature.

- One of the bench, where cells or arm may be named, is sealed; its raiser and its closer are unblinded.
- Who sees the arm says nothing openly of a bag that has not left the bench (`custody.chain.at_bench`).
- It is about one thing, or about the trial. It is closed once its cause and the action taken are stated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody import codes
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.at_bench import check_said_openly
from custody.chain.fields import scan, text
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, EVERYBODY, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.things import (
    KINDS,
    TRIAL,
    Deviation,
    Plane,
    SealedDeviation,
    Thing,
    preparation_code,
)

CLOSE = N_("I close this deviation")


def check_about(scene: Scene, code: str, planes: set[Plane]) -> Iterator[Refusal]:
    """Yield when there is no such thing in what the step may see."""
    kinds = [kind for kind in KINDS.values() if kind.PLANE in planes]
    if code and not any(scene.get(kind, code) for kind in kinds):
        yield refuse(Reason.UNKNOWN, code=code)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseDeviation(Command):
    """Step 20: anyone says what went wrong."""

    SPEC = Spec(
        20,
        "raise_deviation",
        N_("Raise a deviation"),
        EVERYBODY,
        "deviation",
        "",
        Plane.OPEN,
        creates=True,
        after_lock=True,
    )
    about: str = scan("", N_("About"), required=False, help=N_("Empty: the trial."))
    what: str = text(N_("What happened"))
    cause: str = text(N_("Cause"), required=False)
    action: str = text(N_("Action"), required=False)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a code that the open plane does not know, and a bag that is still at the bench."""
        yield from check_about(scene, self.about, {Plane.OPEN})
        yield from check_said_openly(scene, self.about)

    def record(self, scene: Scene) -> Recorded:
        """Record the deviation under a code of its own."""
        return Recorded(open=raised(self, scene, self.about, "deviation_raised"))


def raised(command: Command, scene: Scene, about: str, type: str) -> Change:
    """Build the record of a deviation, which shows on the timeline of what it is about."""
    code = scene.mint(codes.Kind.DEVIATION)
    facts = {**command.payload(), "deviation": code, "about": about or TRIAL}
    return Change(type, (code,), facts, about=(about,) if about else ())


@when("deviation_raised")
def deviation_raised(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the deviation."""
    yield made(Deviation, fact)


def made(kind: type[Deviation], fact: Fact) -> Deviation:
    """Return a deviation as its record says."""
    p = fact.payload
    return kind(
        code=p["deviation"],
        status="open",
        site=fact.site,
        about=p["about"],
        what=p["what"],
        cause=p["cause"],
        action=p["action"],
        raised_by=fact.actor,
    )


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDeviation(Command):
    """Step 20: the monitor or the responsible person closes it, signed."""

    SPEC = Spec(
        20,
        "close_deviation",
        N_("Close the deviation"),
        frozenset({Role.MONITOR, Role.RESPONSIBLE_PERSON}),
        "deviation",
        "deviation",
        Plane.OPEN,
        signed=CLOSE,
        after_lock=True,
    )
    deviation: str = scan("deviation", N_("Deviation"))
    cause: str = text(N_("Cause"))
    action: str = text(N_("Action"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a bag that is still at the bench."""
        yield from check_said_openly(scene, self.deviation)

    def record(self, scene: Scene) -> Recorded:
        """Record cause and action."""
        about = scene.need(Deviation, self.deviation).about
        change = self.change(self.deviation, type="deviation_closed")
        return Recorded(open=replace(change, about=(about,)))


@when("deviation_closed")
def deviation_closed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Close the deviation."""
    yield closed(stood(things, Deviation, fact.payload["deviation"]), fact)


def closed(deviation: Deviation, fact: Fact) -> Deviation:
    """Return a deviation with its cause and action, closed."""
    p = fact.payload
    return replace(deviation, status="closed", cause=p["cause"], action=p["action"], closed_by=fact.actor)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseBenchDeviation(Command):
    """Step 20: the bench says what went wrong; sealed."""

    SPEC = Spec(
        20,
        "raise_bench_deviation",
        N_("Raise a deviation of the bench"),
        BENCH,
        "sealed_deviation",
        "",
        Plane.SEALED,
        creates=True,
        after_lock=True,
    )
    about: str = scan("", N_("About"), required=False, help=N_("Empty: the trial."))
    what: str = text(N_("What happened"))
    cause: str = text(N_("Cause"), required=False)
    action: str = text(N_("Action"), required=False)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a code that neither plane knows."""
        yield from check_about(scene, self.about, {Plane.OPEN, Plane.SEALED})

    def record(self, scene: Scene) -> Recorded:
        """Record the deviation, sealed."""
        preparation = preparation_code(self.about)
        change = raised(self, scene, self.about, "bench_deviation_raised")
        known = any(scene.get(kind, preparation) for kind in KINDS.values() if kind.PLANE is Plane.SEALED)
        return Recorded(sealed=replace(change, about=(*change.about, preparation)) if known else change)


@when("bench_deviation_raised")
def bench_deviation_raised(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the deviation."""
    yield made(SealedDeviation, fact)


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBenchDeviation(Command):
    """Step 20: the responsible person closes a deviation of the bench, signed."""

    SPEC = Spec(
        20,
        "close_bench_deviation",
        N_("Close the deviation of the bench"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "sealed_deviation",
        "deviation",
        Plane.SEALED,
        signed=CLOSE,
        after_lock=True,
    )
    deviation: str = scan("deviation", N_("Deviation"))
    cause: str = text(N_("Cause"))
    action: str = text(N_("Action"))

    def record(self, scene: Scene) -> Recorded:
        """Record cause and action."""
        about = scene.need(SealedDeviation, self.deviation).about
        change = self.change(self.deviation, type="bench_deviation_closed")
        return Recorded(sealed=replace(change, about=(about,)))


@when("bench_deviation_closed")
def bench_deviation_closed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Close the deviation."""
    yield closed(stood(things, SealedDeviation, fact.payload["deviation"]), fact)
