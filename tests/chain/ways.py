"""Every way that a thing can go, as short scenarios: together they make every move of every table."""

from datetime import timedelta

import pytest

from custody.chain import (
    administration,
    bag_handoff,
    bench,
    deviation,
    dispatch,
    handoff,
    infusion,
    labels,
    lot,
    reading,
    reconciliation,
    unblinding,
    unsealing,
)
from custody.chain.bench_disposal import DestroyCryobag, DiscardPreparation
from custody.chain.disposal import DestroyBag, ReturnBag
from custody.chain.ordering import CancelOrder, Order
from custody.chain.storage import Store
from custody.chain.take_over import TakeOverBag, TakeOverShipper
from custody.chain.things import UNSEALING, Deviation, Lot, Participant, SealedDeviation, Unsealing

from .journey import STAGES, VOLUME, Journey, counting, enrolment, registered, thawing, vial
from .people import (
    ADMINISTRATOR,
    COURIER,
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    MONITOR,
    NURSE,
    RESPONSIBLE,
    SECOND_COURIER,
    SECOND_NURSE,
    SECOND_RESPONSIBLE,
    SECOND_TECHNICIAN,
    STATISTICIAN,
    TECHNICIAN,
)

OTHER_DIN = "A999921000001"


def refuse_bag(journey, person):
    journey.world.do(bag_handoff.RefuseBagHandoff(treatment_bag=journey.bag, why="wrong"), person)


def refuse_shipper(journey, person):
    journey.world.do(handoff.RefuseHandoff(shipper=journey.shipper, why="seal"), person)


def take_over_bag(journey, person, witness):
    journey.world.do(TakeOverBag(treatment_bag=journey.bag, reason="called away"), person, witness)


def take_over_shipper(journey, person, witness):
    journey.world.do(TakeOverShipper(shipper=journey.shipper, reason="called away"), person, witness)


def cancel(journey):
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)


def put_back(journey, place):
    journey.world.do(bench.PutBack(cryobag=journey.cryobags[place]), TECHNICIAN)


def reserve(journey, *places):
    bags = tuple(journey.cryobags[place] for place in places)
    journey.world.do(bench.Reserve(treatment_bag=journey.bag, cryobags=bags), TECHNICIAN)


def destroy_cryobag(journey, code):
    journey.world.do(DestroyCryobag(cryobag=code, reason="broken"), TECHNICIAN, SECOND_TECHNICIAN)


def discard(journey):
    step = DiscardPreparation(treatment_bag=journey.bag, destroyed=True, reason="cancelled")
    journey.world.do(step, TECHNICIAN, SECOND_TECHNICIAN)


def unused(journey, step, person, witness):
    journey.world.do(
        step(
            treatment_bag=journey.bag, left_ul=VOLUME, lost_ul=0, **({"reason": "cold"} if step is DestroyBag else {})
        ),
        person,
        witness,
    )


def whole_way(arm):
    """All goes well, with refusals of handoffs and observations at each stage."""
    journey = Journey(arm).to("released")
    world = journey.world
    refuse_bag(journey, SECOND_TECHNICIAN)
    world.do(journey.handing_bag(), TECHNICIAN, SECOND_TECHNICIAN)
    world.do(journey.handing_bag(), SECOND_TECHNICIAN, TECHNICIAN)
    journey.packed()
    world.do(dispatch.Unpack(shipper=journey.shipper, reason="wrong seal"), TECHNICIAN)
    journey.packed()
    refuse_shipper(journey, SECOND_TECHNICIAN)
    world.do(journey.handing(), TECHNICIAN, SECOND_TECHNICIAN)
    world.do(journey.handing(), SECOND_TECHNICIAN, COURIER)
    world.do(journey.handing(), COURIER, SECOND_COURIER)
    refuse_shipper(journey, NURSE)
    world.do(journey.handing(), SECOND_COURIER, NURSE)
    refuse_shipper(journey, COURIER)
    refuse_bag(journey, SECOND_NURSE)
    journey.checked()
    refuse_bag(journey, SECOND_NURSE)
    journey.checked()
    world.do(journey.handing_bag(), NURSE, SECOND_NURSE)
    world.do(journey.handing_bag(), SECOND_NURSE, NURSE)
    journey.checked()
    given(journey)
    journey.back()
    refuse_bag(journey, COURIER)
    journey.destroyed()
    world.wait(24 * 60)
    world.do(journey.observing(1440), NURSE)
    world.do(journey.handing(), NURSE, COURIER)
    return world


def taken_over():
    """Whoever holds it is called away, at each stage; the others go on."""
    journey = Journey().to("released")
    take_over_bag(journey, SECOND_TECHNICIAN, RESPONSIBLE)
    take_over_bag(journey, TECHNICIAN, RESPONSIBLE)
    journey.packed()
    take_over_shipper(journey, SECOND_TECHNICIAN, RESPONSIBLE)
    take_over_shipper(journey, TECHNICIAN, RESPONSIBLE)
    journey.in_transit()
    take_over_shipper(journey, SECOND_COURIER, NURSE)
    take_over_shipper(journey, COURIER, NURSE)
    journey.received()
    take_over_shipper(journey, SECOND_NURSE, INVESTIGATOR)
    take_over_bag(journey, SECOND_NURSE, INVESTIGATOR)
    take_over_bag(journey, NURSE, INVESTIGATOR)
    journey.checked()
    take_over_bag(journey, SECOND_NURSE, INVESTIGATOR)
    take_over_bag(journey, NURSE, INVESTIGATOR)
    for stage in ("checked", "infusing", "infused"):
        getattr(journey, stage)()
    take_over_bag(journey, SECOND_NURSE, INVESTIGATOR)
    take_over_bag(journey, NURSE, INVESTIGATOR)
    journey.returned()
    take_over_bag(journey, SECOND_NURSE, INVESTIGATOR)
    return journey.world


def late_on_paper():
    """A night's infusion, begun and resumed with an expired bag, is entered from paper and signed to be so."""
    journey = Journey().to("received")
    world = journey.world
    world.now = journey.thing().expires_at + timedelta(minutes=1)
    paper = {"beyond": True, "downtime": True, "occurred_at": world.now}
    world.now += timedelta(hours=9)
    world.do(journey.checking(), NURSE, SECOND_NURSE, **paper)
    for step in (infusion.StartInfusion, infusion.PauseInfusion, infusion.ResumeInfusion):
        world.do(step(treatment_bag=journey.bag), NURSE, **paper)
    return world


def given(journey):
    """Start, pause, go on, pause, stop, return."""
    world = journey.world
    journey.infusing()
    world.do(journey.observing(0), NURSE)
    world.do(infusion.PauseInfusion(treatment_bag=journey.bag), NURSE)
    world.do(journey.observing(None), NURSE)
    world.do(infusion.ResumeInfusion(treatment_bag=journey.bag), NURSE)
    world.do(infusion.PauseInfusion(treatment_bag=journey.bag), NURSE)
    world.wait(30)
    world.do(journey.stopping(words="paused too long"), NURSE)
    world.do(journey.observing(30), NURSE)
    refuse_bag(journey, SECOND_NURSE)
    world.do(journey.handing_bag(), NURSE, SECOND_NURSE)
    world.do(journey.handing_bag(), SECOND_NURSE, NURSE)
    journey.returned()
    world.do(journey.observing(None), NURSE)


def straight(*steps):
    """A bag that ends at once after some stage."""
    stage, end, person, witness = steps
    journey = Journey().to(stage)
    if stage == "infused":
        used = {"treatment_bag": journey.bag, "left_ul": 0, "lost_ul": 0}
        journey.world.do(DestroyBag(**used, reason="used"), person, witness)
    else:
        unused(journey, end, person, witness)
        journey.world.do(Order(participant=journey.wristband), INVESTIGATOR)
    return journey.world


def stopped_without_pause():
    return Journey().to("infused").world


def brought_by_the_technician():
    journey = Journey().to("packed")
    journey.world.do(journey.handing(), TECHNICIAN, NURSE)
    return journey.world


def came_back():
    """Refused at the door of the ward, the shipper comes back with a broken seal, and is used again."""
    journey = Journey().to("in_transit")
    world = journey.world
    refuse_shipper(journey, NURSE)
    world.do(journey.handing(seal_intact=False, temperature_dc=250), COURIER, TECHNICIAN)
    world.do(dispatch.Unpack(shipper=journey.shipper, reason="came back"), TECHNICIAN)
    unused(journey, ReturnBag, TECHNICIAN, SECOND_TECHNICIAN)
    unused(journey, DestroyBag, TECHNICIAN, SECOND_TECHNICIAN)
    journey.ordered()
    diluted_again(journey)
    journey.covered()
    journey.released()
    journey.packed()
    return world


def diluted_again(journey):
    """Prepare a second bag, from the second cryobag and other vials."""
    journey.cryobags = journey.cryobags[1:]
    journey.reserved()
    journey.thawed()
    journey.counted()
    journey.world.now = journey.thing().ready_at
    journey.world.do(journey.dilution(vials=(vial("77"),)), TECHNICIAN, SECOND_TECHNICIAN)


def bench_accidents():
    """Cryobags put back, failed, recounted, broken; an order that needs another and gets it."""
    journey = Journey().to("ordered")
    world = journey.world
    reserve(journey, 0)
    put_back(journey, 0)
    reserve(journey, 0, 1)
    put_back(journey, 1)
    reserve(journey, 1)
    journey.thawed(0)
    journey.counted(0, viable_cells_per_ml=1_000_000)
    world.do(counting(journey.cryobags[0], viability_permille=600), TECHNICIAN)
    journey.thawed(1)
    destroy_cryobag(journey, journey.cryobags[1])
    destroy_cryobag(journey, journey.cryobags[0])
    return world


def few_cells():
    """Counts that leave too little, then enough again; and cryobags lost while an order waits."""
    journey = Journey().to("ordered")
    world = journey.world
    reserve(journey, 0)
    journey.thawed(0)
    journey.counted(0, viable_cells_per_ml=3_000_000)
    journey.counted(0, viable_cells_per_ml=3_000_000)
    journey.counted(0)
    journey.counted(0, viable_cells_per_ml=1_000_000)
    reserve(journey, 1)
    journey.thawed(1)
    journey.counted(1, viability_permille=500)
    reserve(journey, 2)
    put_back(journey, 2)
    destroy_cryobag(journey, journey.cryobags[0])
    return world


def one_of_two_breaks():
    """An order that can spare a cryobag keeps standing when it breaks; each end is accounted for."""
    journey = Journey().to("ordered")
    reserve(journey, 0, 1)
    journey.thawed(0)
    journey.counted(0)
    destroy_cryobag(journey, journey.cryobags[0])
    destroy_cryobag(journey, journey.cryobags[2])
    return journey.world


def waits_with_one_reserved():
    """A reserved cryobag is put back while the order waits for more anyway."""
    journey = Journey().to("ordered")
    reserve(journey, 0, 1)
    journey.thawed(0)
    journey.counted(0, viability_permille=500)
    put_back(journey, 1)
    reserve(journey, 1)
    journey.thawed(1)
    journey.counted(1, viable_cells_per_ml=1_000_000)
    reserve(journey, 2)
    put_back(journey, 2)
    return journey.world


def heavy():
    """200 kg need three cryobags: with one failed, another reserved one goes back while the order waits."""
    journey = Journey().to("stocked")
    world = journey.world
    world.do(enrolment(world, journey.wristband, weight_g=200_000), INVESTIGATOR)
    journey.ordered()
    reserve(journey, 0, 1, 2)
    journey.thawed(0)
    journey.counted(0, viability_permille=500)
    put_back(journey, 1)
    return world


def discarded_at(stage):
    """An order is cancelled after some stage of the bench; what was prepared is discarded."""
    journey = Journey("PLACEBO").to("ordered")
    if stage != "ordered":
        for name in ("diluted", "covered")[: ("diluted", "covered").index(stage) + 1]:
            getattr(journey, name)()
    cancel(journey)
    discard(journey)
    return journey.world


def prepared_anew(stage):
    """A dilution ends too early for the printed expiry: it is discarded, and the order waits for another."""
    journey = Journey("PLACEBO").to("ordered")
    journey.world.now = journey.thing().ready_at - timedelta(minutes=46)
    journey.world.do(journey.dilution(), TECHNICIAN, SECOND_TECHNICIAN, beyond=True)
    if stage == "covered":
        journey.covered()
    discard(journey)
    return journey.world


def out_of_limits():
    """An expired lot comes in, and a bath is too warm: both signed to be so."""
    journey = Journey().to("ordered")
    world = journey.world
    world.do(registered(world, OTHER_DIN, 1, days=-1), TECHNICIAN, beyond=True)
    journey.reserved()
    world.wait(20)
    world.do(thawing(world, journey.cryobags[0], journey.bag, bath_dc=450), TECHNICIAN, beyond=True)
    return world


def other_lots():
    """A lot rejected, its cryobag destroyed unstored; one moved."""
    journey = Journey().to("stocked")
    world = journey.world
    world.do(registered(world, OTHER_DIN, 1), TECHNICIAN)
    world.do(lot.RejectLot(lot=OTHER_DIN, reason="leak"), RESPONSIBLE)
    destroy_cryobag(journey, world.get(Lot, OTHER_DIN).cryobags[0])
    world.do(Store(cryobag=journey.cryobags[0], location=journey.location()), TECHNICIAN)
    return world


def ended():
    """Three orders at their ends: one bag destroyed, one returned, one order cancelled; both planes reconciled."""
    journey = Journey("PLACEBO").to("destroyed")
    world = journey.world
    anew(journey)
    for stage in ("enrolled", "ordered"):
        getattr(journey, stage)()
    world.now = journey.thing().ready_at
    world.do(journey.dilution(vials=(vial("77"),)), TECHNICIAN, SECOND_TECHNICIAN)
    for stage in STAGES[STAGES.index("covered") : STAGES.index("returned") + 1]:
        getattr(journey, stage)()
    anew(journey)
    journey.enrolled()
    journey.ordered()
    cancel(journey)
    discard(journey)
    for bag in journey.cryobags:
        destroy_cryobag(journey, bag)
    reconciled(world)
    return journey


def anew(journey):
    """Let another participant begin."""
    journey.wristband = journey.world.mint("participant")
    journey.shipper = journey.world.mint("shipper")


def reconciled(world):
    world.do(reconciliation.Reconcile(), MONITOR)
    world.do(reconciliation.ReconcileSealed(), RESPONSIBLE)


def unsealed(at_a_time=unsealing.MOST_OPENED):
    """The codes are opened, some at a time, and the lists shown."""
    world = ended().world
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unsealing, "MOST_OPENED", at_a_time)
        world.do(unsealing.Unseal(), STATISTICIAN, RESPONSIBLE)
        while world.get(Unsealing, UNSEALING).status != "complete":
            world.do(unsealing.Unseal(), STATISTICIAN, RESPONSIBLE)
    world.do(unsealing.ShowRandomisation(), STATISTICIAN)
    for person in (STATISTICIAN, MONITOR):
        taken = reading.Taken(reason=reading.UNKNOWN)
        world.do(reading.reading(person.role, "TBXKJHRENPUD", taken, source="wedge"), person)
    return world


def code_broken():
    """Break the code again and again, before and after the sponsor was told; here, and by the sheet."""
    journey = Journey().to("ordered")
    world = journey.world
    world.do(unblinding.PrintCodeSheets(site="NAN"), STATISTICIAN)
    here = unblinding.BreakCode(participant=journey.wristband, why="reaction")
    for step in (here, here, opened(journey)):
        world.do(step, INVESTIGATOR)
    for step in (here, opened(journey)):
        told(journey)
        world.do(step, INVESTIGATOR_OF_DIJON)
    told(journey)
    cancel(journey)
    journey.ordered()
    return world


def sheet_opened():
    """The sheet is opened before anybody asks here."""
    journey = Journey("PLACEBO").to("ordered")
    journey.world.do(opened(journey), INVESTIGATOR)
    return journey.world


def opened(journey, **more):
    fields = {"participant": journey.wristband, "sheet": journey.thing().code_sheet, "opened_at": journey.world.now}
    return unblinding.RecordOpenedSheet(**{**fields, "why": "treatment", **more})


def told(journey):
    notice = unblinding.NotifySponsor(participant=journey.wristband, told_at=journey.world.now, how="by telephone")
    journey.world.do(notice, RESPONSIBLE)


def printing(step, *codes, design="treatment_bag", **more):
    """A print of some labels, one copy on a roll."""
    return step(**{"labels": codes, "design": design, "form": "roll", "copies": 1, **more})


def printed():
    """Labels are printed and printed again: by the ward openly, by the bench sealed."""
    journey = Journey().to("ordered")
    for reason in ("", "torn"):
        journey.world.do(printing(labels.PrintLabels, journey.bag, reason=reason), NURSE)
    for reason in ("the ward has one", "torn"):
        journey.world.do(printing(labels.PrintLabelsSealed, journey.bag, reason=reason), TECHNICIAN)
    return journey.world


def around_it():
    """Deviations, reconciliation, a person who leaves."""
    journey = Journey().to("stocked")
    world = journey.world
    world.do(deviation.RaiseDeviation(what="late"), NURSE)
    world.do(deviation.RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    for kind, step, person in (
        (Deviation, deviation.CloseDeviation, MONITOR),
        (SealedDeviation, deviation.CloseBenchDeviation, RESPONSIBLE),
    ):
        found = world.find(kind, "open")[0]
        world.do(step(deviation=found.code, cause="haste", action="none"), person)
    for bag in journey.cryobags:
        destroy_cryobag(journey, bag)
    for _ in range(2):
        world.do(reconciliation.Reconcile(), MONITOR)
        world.do(reconciliation.ReconcileSealed(), RESPONSIBLE)
    journey.enrolled()
    world.do(administration.GivePassword(person=SECOND_RESPONSIBLE.code), SECOND_RESPONSIBLE)
    world.do(administration.ClosePerson(person=SECOND_RESPONSIBLE.code, reason="left"), ADMINISTRATOR)
    assert world.get(Participant, journey.wristband).status == "enrolled"
    return world
