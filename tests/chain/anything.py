"""Any step, whichever it is, with values that fit its fields: for the tests that walk all of them."""

from datetime import timedelta

from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.labels import PrintLabels, PrintLabelsSealed
from custody.chain.step import STEPS, fields_of
from custody.chain.things import KINDS
from custody.chain.unblinding import BreakCode

from .journey import Journey, vial
from .people import INVESTIGATOR, NURSE, TECHNICIAN
from .ways import printing


def one_of_each():
    """Give a journey with at least one thing of each kind in its world, and the scannable code of each kind."""
    journey = Journey("MSC").to("infusing")
    world = journey.world
    world.do(RaiseDeviation(what="late"), NURSE)
    world.do(printing(PrintLabels, journey.bag), NURSE)
    world.do(printing(PrintLabelsSealed, *journey.cryobags, design="cryobag"), TECHNICIAN)
    world.do(RaiseBenchDeviation(what="spilt"), TECHNICIAN)
    world.do(BreakCode(participant=journey.wristband, why="reaction"), INVESTIGATOR)
    known = {
        kind: next(world.of(kind)).code
        for kind in KINDS
        if kind not in {"deviation", "preparation", "stratum", "unsealing"}
    }
    known |= {
        "deviation": next(thing.code for thing in world.of("deviation") if thing.KIND == "deviation"),
        "preparation": journey.bag,
        "stratum": "NAN",
        "unsealing": "unsealing",
        "code_break": journey.wristband,
        "cryobag": journey.cryobags[0],
    }
    return journey, known


def fitting(step, world, known, *, key=None):
    """Build a step whose values fit their fields, and its key the thing of its kind (or the code given)."""
    command = STEPS[step]
    values = {name: value_of(field, world, known) for name, field in fields_of(command)}
    if command.SPEC.key in values:
        values[command.SPEC.key] = key or known[command.SPEC.thing]
    return command(**values)


def value_of(field, world, known):
    return {
        "scan": lambda: known.get(field.scans, ""),
        "scans": lambda: (vial("9"),) if field.scans == "albumin_vial" else (known[field.scans or "treatment_bag"],),
        "quantity": lambda: field.minimum or 0,
        "choice": lambda: field.choices[0][0],
        "yes": lambda: True,
        "text": lambda: "words",
        "words": lambda: ("MSC",),
        "date": lambda: "2026-01-01",
        "datetime": lambda: world.now - timedelta(minutes=1),
        "answers": lambda: (),
    }[field.kind]()
