"""Release for dispatch (step 12): the first open record since the order, alike in both arms.

- Not before `ready_at` (the blinding hold), and only when the dilution did not end too early for the printed expiry.
- Who prepared or verified the bag does not release it.
- From here on exactly one person holds the bag: first the technician who labelled and covered it. Who else prepared
  it stays sealed: nobody at the bedside could have, for a badge has one role for good, and none is of bench and ward.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.bench import check_lot, check_order_stands
from custody.chain.dilution import never_released
from custody.chain.expiry import minute_from
from custody.chain.fields import scan
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.things import Cryobag, Plane, Preparation, Thing, TreatmentBag
from custody.chain.things import preparation_code as sealed_half


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseForDispatch(Command):
    """Step 12: the responsible person lets the bag go; the open plane learns of it."""

    SPEC = Spec(
        12,
        "release_for_dispatch",
        N_("Release for dispatch"),
        frozenset({Role.RESPONSIBLE_PERSON}),
        "preparation",
        "treatment_bag",
        Plane.SEALED,
        signed=N_("I release this bag for dispatch"),
        both=True,
    )
    treatment_bag: str = scan("treatment_bag", N_("Treatment bag"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a hold not yet passed, an expired bag, a wrong dose, and a release by who prepared it.

        Dose, volume and lot were right when they were entered; a correction since may say otherwise.
        """
        yield from check_order_stands(scene, self.treatment_bag)
        bag = scene.need(TreatmentBag, self.treatment_bag)
        if scene.at < bag.ready_at:
            yield refuse(Reason.HOLD, ready=scene.local(minute_from(bag.ready_at)))
        if scene.at >= bag.expires_at:
            yield refuse(Reason.EXPIRED, code=bag.code, expiry=scene.local(bag.expires_at))
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        yield from never_released(scene.protocol, preparation)
        for code in preparation.cryobags:
            yield from check_lot(scene, scene.need(Cryobag, code))
        if scene.actor.code in preparation.preparers:
            yield refuse(Reason.OWN_PREPARATION)

    def record(self, scene: Scene) -> Recorded:
        """Record the release in both planes, alike in both arms."""
        preparation = scene.need(Preparation, sealed_half(self.treatment_bag))
        facts = {"treatment_bag": self.treatment_bag}
        _, _, holder, _ = preparation.preparers
        return Recorded(
            open=Change("bag_released", (self.treatment_bag,), {**facts, "custodian": holder}),
            sealed=Change("preparation_released", (preparation.code,), facts),
            level=True,
        )


@when("bag_released")
def bag_released(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Let the bag be packed; it is in the hands of who labelled and covered it."""
    p = fact.payload
    yield replace(stood(things, TreatmentBag, p["treatment_bag"]), status="released", custodian=p["custodian"])


@when("preparation_released")
def preparation_released(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """End the preparation."""
    preparation = stood(things, Preparation, sealed_half(fact.payload["treatment_bag"]))
    yield replace(preparation, status="released")
