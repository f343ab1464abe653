"""What happens beside the main way, on the real app's pages: each such step can be done there."""

import pytest

from custody import codes
from tests.web import journey

from . import paper
from .hands import ScannerAndFinger
from .ward import ward


@pytest.fixture(scope="module")
def unit(browser, tmp_path_factory):
    with ward(tmp_path_factory.mktemp("aside"), browser, ScannerAndFinger()) as here:
        here.cryobags = journey.lot(here.house, cryobags=4)
        yield here


@pytest.fixture
def ordered(unit):
    return journey.ordered(unit.house, journey.enrolled(unit.house))


@pytest.fixture
def released(unit, ordered):
    journey.prepared(unit.house, ordered, unit.cryobags)
    journey.released(unit.house, ordered)
    unit.advance(minutes=1)
    return ordered


def at(unit, login, code):
    """Let somebody scan a thing's label, at the hour that the house now has."""
    unit.advance()
    tablet = unit.tablet(login)
    tablet.scan(code, paper.printed(tablet.page, code))
    return tablet


def without_scan(unit, login, step):
    """Let somebody begin a step that needs no scan."""
    unit.advance()
    tablet = unit.tablet(login)
    tablet.home()
    tablet.hands.press(tablet.page.locator(f"details:has(a[href='/do/{step}']) summary"))
    tablet.open(f"a.action[href='/do/{step}']")
    return tablet


def badge(unit, login):
    return paper.printed(unit.tablet(login).page, unit.house.people[login])


def do(tablet, step, second=None, **texts):
    """Fill in a step that asks for words and signatures alone."""
    tablet.begin(step)
    if second:
        tablet.read(second_badge=second)
    tablet.write(**texts)
    if tablet.page.locator("[name=password]").count():
        tablet.sign(second=bool(second))
    tablet.confirm()


def state(unit, code):
    return [half.status for half in unit.halves(code)]


def test_a_newcomer_gets_a_password_signs_in_and_is_signed_out_once_the_account_is_closed(unit):
    admin = without_scan(unit, "admin", "add_person")
    admin.write(name="Zoé Exemple", login="zoe")
    admin.tick(role="icu_nurse", site="NAN")
    admin.confirm()
    code = admin.page.url.partition("/s/")[2].partition("?")[0]
    admin.open("a.action[href$='/password']")
    admin.write(new="a long demonstration", again="a long demonstration", password="a long demonstration")
    admin.confirm()
    zoe = unit.tablet("zoe")
    assert "Zoé Exemple" in zoe.page.inner_text(".who")
    do(admin, "close_person", reason="left")
    assert state(unit, code) == ["closed"]
    zoe.hands.press(zoe.page.locator("a.trial"))
    zoe.page.wait_for_selector("#password")


def test_who_is_to_see_the_arm_is_added_by_two_and_the_colleagues_badge_is_scanned(unit):
    admin = without_scan(unit, "admin", "add_person")
    admin.write(name="Max Modèle", login="max")
    admin.tick(role="cell_technician", site="UTCT")
    admin.hands.press(admin.page.locator("details.optional-signature summary"))
    admin.read(second_badge=paper.printed(admin.page, unit.house.people["stat"]))
    admin.sign(second=True)
    admin.confirm()
    code = admin.page.url.partition("/s/")[2].partition("?")[0]
    assert state(unit, code) == ["active"]


def test_a_new_place_in_the_tank_takes_a_cryobag(unit):
    tech = without_scan(unit, "tech", "add_location")
    tech.write(name="Tank 2, place 1")
    tech.tick(temperature_class="LN2")
    tech.confirm()
    place = tech.page.url.partition("/s/")[2].partition("?")[0]
    tech = at(unit, "tech", unit.cryobags[-1])
    tech.begin("store")
    tech.read(location=paper.printed(tech.page, place))
    tech.page.wait_for_function("document.activeElement.matches('[data-confirm]')")
    tech.confirm()
    assert state(unit, place) == ["occupied"]


def test_what_was_begun_for_a_cancelled_order_goes_back_or_is_discarded(unit, ordered):
    tech = at(unit, "tech", ordered)
    tech.begin("reserve")
    tech.read(cryobags=paper.printed(tech.page, unit.cryobags[0]))
    tech.confirm()
    do(at(unit, "doctor", ordered), "cancel_order", reason="died")
    do(at(unit, "tech", unit.cryobags[0]), "put_back")
    do(at(unit, "tech", ordered), "discard_preparation", badge(unit, "tech2"), reason="cancelled")
    assert state(unit, ordered) == ["cancelled", "discarded"]
    assert state(unit, unit.cryobags[0]) == ["stored"]


def test_a_shipper_is_unpacked_and_packed_again_refused_and_then_taken(unit, released):
    shipper = unit.house.fresh(codes.Kind.SHIPPER)
    packed = {"bags": released, "seal": "0042", "logger": "TL-7", "logger_running": "yes"}
    unit.house.browser("tech").did(shipper, "pack", **packed)
    do(at(unit, "tech", shipper), "unpack", reason="wrong seal")
    assert state(unit, released) == ["released", "released"]
    unit.house.browser("tech").did(shipper, "pack", **packed)
    nurse = at(unit, "nurse", shipper)
    nurse.begin("refuse_handoff")
    nurse.tick(why="seal")
    nurse.sign()
    nurse.confirm()
    tech = at(unit, "tech", shipper)
    tech.begin("hand_over")
    tech.read(second_badge=badge(unit, "nurse"))
    tech.tick("seal_intact", "condition_good")
    tech.write(temperature_dc="5", changed="it is only scratched")
    tech.sign(second=True)
    tech.confirm()
    assert state(unit, released) == ["received", "released"]


def test_a_bag_goes_from_hand_to_hand_at_the_bed(unit, released):
    journey.delivered(unit.house, released)
    nurse = at(unit, "nurse", released)
    nurse.begin("hand_over_bag")
    nurse.read(second_badge=badge(unit, "nurse2"))
    nurse.tick("cover_on", "condition_good")
    nurse.write(temperature_dc="5")
    nurse.sign(second=True)
    nurse.confirm()
    assert unit.halves(released)[0].custodian == unit.house.people["nurse2"]
    nurse.begin("refuse_bag_handoff")
    nurse.tick(why="other")
    nurse.write(words="not mine")
    nurse.sign()
    nurse.confirm()
    assert unit.halves(released)[0].custodian == unit.house.people["nurse2"]


def test_a_lot_that_fails_is_rejected(unit):
    tech, now = unit.house.browser("tech"), unit.house.clock.now()
    facts = {"product_code": "S1295", "donor": "D-18", "tissue": "bone marrow", "manufactured_on": "2026-01-12"}
    numbers = {"cryobags": "1", "cells_per_cryobag": "120", "expected_viability_permille": "85"}
    tech.did("A999926000124", "register_lot", expires_at=now.replace(year=2027), **facts, **numbers)
    resp = unit.tablet("resp")
    resp.scan("A999926000124", paper.lot("A999926000124"))
    do(resp, "reject_lot", reason="growth")
    assert state(unit, "A999926000124") == ["rejected"]


@pytest.mark.parametrize(
    ("who", "what", "closer"), [("nurse", "deviation", "monitor"), ("tech", "bench_deviation", "resp")]
)
def test_a_deviation_is_raised_and_closed_with_its_cause(unit, ordered, who, what, closer):
    tablet = without_scan(unit, who, f"raise_{what}")
    assert tablet.page.inner_text(".scan-panel [data-text]") == "Ready to scan", "nothing has to be scanned"
    tablet.read(about=paper.printed(tablet.page, ordered))
    tablet.write(what=f"A {what} here.")
    tablet.confirm()
    closing = unit.tablet(closer)
    closing.home()
    closing.hands.press(closing.page.locator(f".worklist .card a:has-text('A {what} here.')"))
    closing.page.wait_for_selector("main dl")
    do(closing, f"close_{what}", cause="a nail", action="a new cover")
    assert closing.shown() == ["closed"]


def test_a_weight_is_corrected_from_the_history(unit):
    wristband = journey.enrolled(unit.house, "70")
    doctor = at(unit, "doctor", wristband)
    doctor.hands.press(doctor.page.locator("a[href$='/history']"))
    doctor.page.wait_for_selector(".timeline")
    doctor.hands.press(doctor.page.locator("a[href^='/do/correct?event=']"))
    doctor.page.wait_for_selector("a[href$='field=weight_g']")
    doctor.open("a[href$='field=weight_g']")
    doctor.write(value="71.5", reason="the scales were read again")
    doctor.sign()
    doctor.confirm()
    assert unit.halves(wristband)[0].weight_g == 71_500
