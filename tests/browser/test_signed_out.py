"""A form outlives the sign-in under which it was filled in: whoever signs in again goes on with it. On the real app."""

import pytest

from custody.chain.things import Plane
from custody.ledger.entry import decode
from tests.web.house import PASSWORD

from . import paper
from .hands import ScannerAndFinger
from .ward import ward

WORDS = "The cover was torn."
SIGN_IN = "[data-unsent] a[data-sign-in]"


@pytest.fixture(scope="module")
def unit(browser, tmp_path_factory):
    with ward(tmp_path_factory.mktemp("signed-out"), browser, ScannerAndFinger()) as here:
        yield here


@pytest.fixture
def nurse(unit):
    """A nurse who has filled in a step, down to the button."""
    unit.advance(minutes=1)
    tablet = unit.tablet("nurse")
    tablet.page.goto("/")
    label = paper.printed(tablet.page, unit.house.people["nurse2"])
    tablet.page.goto("/do/raise_deviation")
    tablet.page.wait_for_load_state("networkidle")
    tablet.read(about=label)
    tablet.write(what=WORDS)
    return tablet


def deviations(unit):
    """Give how many deviations about the scanned badge are on record."""
    store = unit.house.door.stores[Plane.OPEN]
    with unit.house.door.database.reading(Plane.OPEN) as connection:
        places = store.mentions(connection, unit.house.people["nurse2"])
        return [decode(store.entry(connection, place))["type"] for place in places].count("deviation_raised")


def sign_out_elsewhere(nurse):
    tab = nurse.page.context.new_page()
    tab.goto("/")
    tab.click("form[action='/sign-out'] button")
    tab.wait_for_selector("#password")
    return tab


def sign_in(tab, login="nurse"):
    tab.fill("#name", login)
    tab.fill("#password", PASSWORD)
    tab.click("button.primary")
    tab.wait_for_selector(".who")


def press(nurse):
    """Press the button and give the words beside it."""
    nurse.hands.press(nurse.page.locator("[data-confirm]"))
    nurse.page.wait_for_selector("[data-confirm]:not([aria-disabled])")
    return nurse.page.inner_text("[data-unsent] [data-text]")


def assert_nothing_is_lost(nurse):
    assert nurse.page.url.endswith("/do/raise_deviation")
    assert nurse.page.locator("[data-name=about] .chip").count() == 1
    assert nurse.page.input_value("[name=what]") == WORDS


@pytest.mark.parametrize("how", ["signed out in another tab", "expired"])
def test_whoever_is_signed_out_keeps_the_form_and_signs_in_beside_it(unit, nurse, how):
    before = deviations(unit)
    sign_out_elsewhere(nurse).close() if how != "expired" else nurse.page.context.clear_cookies()
    assert press(nurse).startswith("You are signed out. Nothing that you typed or scanned is lost")
    assert_nothing_is_lost(nurse)
    assert deviations(unit) == before
    with nurse.page.context.expect_page() as opened:
        nurse.hands.press(nurse.page.locator(SIGN_IN))
    sign_in(opened.value)
    opened.value.close()
    nurse.confirm()
    assert deviations(unit) == before + 1


def test_whoever_signed_in_again_before_the_button_was_pressed_notices_nothing(unit, nurse):
    before = deviations(unit)
    tab = sign_out_elsewhere(nurse)
    sign_in(tab)
    tab.close()
    nurse.confirm()
    assert deviations(unit) == before + 1


def test_nobody_sends_a_form_that_somebody_else_filled_in(unit, nurse):
    before = deviations(unit)
    tab = sign_out_elsewhere(nurse)
    sign_in(tab, "nurse2")
    assert press(nurse).startswith("Somebody else is signed in now. Nothing was sent: only Nurse can send this form.")
    assert_nothing_is_lost(nurse)
    assert deviations(unit) == before
    tab.click("form[action='/sign-out'] button")
    tab.wait_for_selector("#password")
    sign_in(tab)
    tab.close()
    nurse.confirm()
    assert deviations(unit) == before + 1


def test_a_scan_goes_on_after_the_sign_in_too(unit, nurse):
    label = paper.printed(nurse.page, unit.house.people["nurse2"])
    nurse.page.click("[data-name=about] [data-remove]")
    tab = sign_out_elsewhere(nurse)
    nurse.hands.show(nurse.page, label)
    nurse.page.wait_for_selector("main [data-status][data-state=wrong]")
    assert nurse.page.inner_text("main [data-status] [data-text]") == "You are signed out."
    sign_in(tab)
    tab.close()
    nurse.read(about=label)
    assert_nothing_is_lost(nurse)
