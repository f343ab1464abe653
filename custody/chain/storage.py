"""Storage: a cryobag goes to a free location of its temperature class (step 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.fields import scan
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Command, Recorded, Spec, step
from custody.chain.things import Cryobag, Location, Plane, Thing


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class Store(Command):
    """Step 2: store a cryobag, or move it."""

    SPEC = Spec(
        2,
        "store",
        N_("Store or move"),
        frozenset({Role.CELL_TECHNICIAN}),
        "cryobag",
        "cryobag",
        Plane.SEALED,
    )
    cryobag: str = scan("cryobag", N_("Cryobag"))
    location: str = scan("location", N_("Location"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield an unknown or occupied location, or one of another temperature class."""
        location = scene.get(Location, self.location)
        if location is None:
            yield refuse(Reason.UNKNOWN, code=self.location)
            return
        if location.cryobag:
            yield refuse(Reason.LOCATION_TAKEN, code=location.code)
        expected = scene.protocol.storage_class
        if location.temperature_class != expected:
            found = location.temperature_class
            yield refuse(Reason.TEMPERATURE_CLASS, code=location.code, found=found, expected=expected)

    def record(self, scene: Scene) -> Recorded:
        """Record where the cryobag is now, and what it left."""
        left = scene.need(Cryobag, self.cryobag).location
        things = (self.cryobag, self.location, *([left] if left else []))
        return Recorded(sealed=self.change(*things, type="cryobag_stored", left=left))


@when("cryobag_stored")
def cryobag_stored(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Occupy the new location and free the old one."""
    p = fact.payload
    bag = stood(things, Cryobag, p["cryobag"])
    yield replace(bag, status="stored", location=p["location"])
    location = stood(things, Location, p["location"])
    yield replace(location, status="occupied", cryobag=bag.code)
    if p["left"]:
        yield emptied(things, p["left"])


def emptied(things: Lookup, location: str) -> Location:
    """Return a location as it is once its cryobag is gone."""
    return replace(stood(things, Location, location), status="free", cryobag="")
