"""At the bedside, on the real app: the infusion's clock, the wrong bag, the network that goes away."""

import pytest

from custody import codes
from custody.chain.things import Plane
from custody.ledger.entry import decode
from tests.web import journey

from . import paper
from .hands import ScannerAndFinger
from .ward import ward


@pytest.fixture(scope="module")
def unit(browser, tmp_path_factory):
    with ward(tmp_path_factory.mktemp("ward"), browser, ScannerAndFinger()) as here:
        here.cryobags = journey.lot(here.house, cryobags=6)
        yield here


@pytest.fixture
def received(unit):
    """A bag that the nurse has taken over, and the wristband of its participant; their labels."""
    bag, wristband, _shipper = journey.brought(unit.house, unit.cryobags, journey.enrolled(unit.house))
    unit.advance(minutes=1)
    return bag, wristband


def at_the_bed(unit, bag, wristband, ticked=("cover_on", "central_line")):
    """Fill in the bedside check down to the passwords."""
    nurse = unit.tablet("nurse")
    label = paper.printed(nurse.page, bag)
    nurse.scan(bag, label)
    nurse.begin("bedside_check")
    badge = paper.printed(nurse.page, unit.house.people["nurse2"])
    nurse.read(treatment_bag=label, wristband=paper.printed(nurse.page, wristband), second_badge=badge)
    nurse.page.wait_for_function("document.activeElement.name === 'cover_on'")
    nurse.tick(*ticked)
    nurse.sign(second=True)
    return nurse


def began(unit, bag, wristband):
    """Check and start."""
    at_the_bed(unit, bag, wristband).confirm()
    nurse = unit.tablet("nurse")
    nurse.begin("start_infusion")
    nurse.sign()
    nurse.confirm()
    return nurse


def shown(tablet):
    """Give the seconds that the infusion's clock shows, and the word beside them."""
    tablet.page.clock.run_for(600)
    minutes, seconds = tablet.page.inner_text("time[data-elapsed]").split(":")
    return int(minutes) * 60 + int(seconds), tablet.page.inner_text("[data-ring-word]")


def show(expected, *tablets):
    """Make sure that each tablet comes to show it: a page that refreshes itself may be on its way."""
    for tablet in tablets:
        for _patience in range(200):
            if shown(tablet) == expected:
                break
            tablet.page.wait_for_timeout(100)
        assert shown(tablet) == expected


def near(minutes):
    """A device knows the server's time to as long as a page takes to arrive."""
    return pytest.approx(minutes * 60, abs=10)


def events(unit, bag):
    """Give the type of each record that speaks of a bag."""
    store = unit.house.door.stores[Plane.OPEN]
    with unit.house.door.database.reading(Plane.OPEN) as connection:
        return [decode(store.entry(connection, place))["type"] for place in store.mentions(connection, bag)]


def test_an_infusion_runs_alike_on_every_device_and_over_a_reload(unit, received):
    nurse = began(unit, *received)
    assert shown(nurse) == (near(0), "running")
    doctor = unit.tablet("doctor")
    unit.advance(minutes=12)
    doctor.page.goto(f"/s/{received[0]}")
    show((near(12), "running"), nurse, doctor)
    nurse.page.reload()
    assert shown(nurse) == (near(12), "running")


def test_a_pause_is_seen_on_every_device_and_counts_for_nothing(unit, received):
    nurse, doctor = began(unit, *received), unit.tablet("doctor")
    unit.advance(minutes=12)
    doctor.page.goto(f"/s/{received[0]}")
    nurse.begin("pause_infusion")
    nurse.confirm()
    unit.advance(minutes=5)
    doctor.page.clock.run_for(6_000)  # the page asks by itself: nobody reloads it
    doctor.page.wait_for_selector("[data-state=paused] .ring")
    show((near(12), "paused"), nurse, doctor)
    nurse.begin("resume_infusion")
    nurse.confirm()
    nurse.page.wait_for_selector("[data-state=runs] .ring")  # its page has asked the time before it moves on
    unit.advance(minutes=3)
    doctor.page.reload()
    show((near(15), "running"), nurse, doctor)


def test_a_page_that_cannot_ask_whether_something_changed_says_so_until_it_can(unit):
    tab = unit.tablet("nurse").page.context.new_page()  # htmx writes of a lost network into the console
    tab.goto(f"/s/{journey.enrolled(unit.house)}", wait_until="networkidle")
    tab.route("**/changed?*", lambda route: route.abort())
    tab.clock.run_for(6_000)
    assert "this page is not up to date" in tab.wait_for_selector("[data-stale]:not([hidden])").inner_text()
    tab.unroute("**/changed?*")
    tab.clock.run_for(6_000)
    tab.wait_for_selector("[data-stale]", state="hidden")
    tab.close()


def test_what_was_recorded_is_said_once(unit, received):
    nurse = began(unit, *received)
    nurse.begin("pause_infusion")
    nurse.confirm()
    assert nurse.page.inner_text("[data-said]") == "Recorded: Pause"
    nurse.page.wait_for_url(f"**/s/{received[0]}")
    nurse.page.reload()
    assert nurse.page.locator("[data-said]").count() == 0
    nurse.page.go_back()
    nurse.page.wait_for_selector("[data-confirm]")
    nurse.page.go_forward()
    nurse.page.wait_for_selector("[data-ring-word]")
    assert nurse.page.locator("[data-said]").count() == 0


def test_the_other_language_does_not_say_it_again(unit, received):
    nurse = began(unit, *received)
    nurse.page.wait_for_url(f"**/s/{received[0]}")  # its scripts have begun
    nurse.hands.press(nurse.page.locator("button[name=lang]"))
    nurse.page.wait_for_selector("html[lang=fr]")
    assert nurse.page.locator("[data-said]").count() == 0
    nurse.hands.press(nurse.page.locator("button[name=lang]"))
    nurse.page.wait_for_selector("html[lang=en]")


def test_a_refused_check_says_why_in_red_and_in_words(unit, received):
    nurse = at_the_bed(unit, *received, ticked=("cover_on",))
    [words] = nurse.refused()
    assert words == "A central venous line is needed."
    notice = nurse.page.locator("section.notice.bad[role=alert]")
    assert notice.evaluate("(notice) => notice === document.activeElement")
    red, green, _ = notice.evaluate("(notice) => getComputedStyle(notice).borderLeftColor.match(/\\d+/g).map(Number)")
    assert red > 2 * green
    assert unit.halves(received[0])[0].status == "received"
    assert events(unit, received[0])[-1] == "step_refused"


@pytest.mark.parametrize("wrong", ["bag", "wristband", "badge"])
def test_the_wrong_bag_wristband_or_badge_is_red_while_it_is_in_the_hand(unit, received, wrong):
    bag, _wristband = received
    other = journey.enrolled(unit.house, "58")
    scanned, words = {
        "bag": (journey.ordered(unit.house, other), "the page is for"),
        "wristband": (other, "The wristband is of NAN-"),
        "badge": (unit.house.people["nurse"], "The second person must be someone else."),
    }[wrong]
    nurse = unit.tablet("nurse")
    label = paper.printed(nurse.page, bag)
    nurse.scan(bag, label)
    nurse.begin("bedside_check")
    if wrong != "bag":
        nurse.read(treatment_bag=label)
    nurse.hands.show(
        nurse.page, paper.printed(unit.tablet("doctor" if wrong == "wristband" else "nurse").page, scanned)
    )
    nurse.page.wait_for_selector("main [data-status][data-state=wrong]")
    assert words in nurse.page.inner_text("main [data-status] [data-text]")
    assert nurse.page.locator(".chip").count() == (0 if wrong == "bag" else 1)
    assert events(unit, bag)[-1] != "step_refused"


def test_another_thing_than_the_wristband_is_refused_as_soon_as_it_is_scanned(unit, received):
    nurse = unit.tablet("nurse")
    label = paper.printed(nurse.page, received[0])
    nurse.scan(received[0], label)
    nurse.begin("bedside_check")
    nurse.read(treatment_bag=label)
    shipper = paper.blank(unit.tablet("tech").page, "shipper")[1]
    nurse.hands.show(nurse.page, shipper)
    nurse.page.wait_for_selector("main [data-status][data-state=wrong]")
    assert nurse.page.inner_text("main [data-status] [data-text]") == "Wrong thing: shipper."
    assert nurse.page.locator("[data-name=wristband] .chip").count() == 0


@pytest.mark.parametrize("arrives", [False, True], ids=["the request is lost", "the answer is lost"])
def test_a_check_confirmed_without_network_is_kept_and_recorded_once(unit, received, arrives):
    nurse = at_the_bed(unit, *received)
    before = events(unit, received[0])

    def lose(route):
        if arrives:
            route.fetch(max_redirects=0)
        route.abort()

    nurse.page.route("**/do/bedside_check", lose)
    nurse.hands.press(nurse.page.locator("[data-confirm]"))
    nurse.page.wait_for_selector("[data-unsent]:not([hidden])")
    assert nurse.page.locator(".scan-field .chip").count() == 3
    assert nurse.page.input_value("[name=second_password]")
    nurse.page.unroute("**/do/bedside_check")
    nurse.confirm()
    assert events(unit, received[0]) == [*before, "bedside_checked"]


def test_a_deviation_is_about_whatever_is_scanned(unit, received):
    nurse = unit.tablet("nurse")
    nurse.home()
    nurse.hands.press(nurse.page.locator("details:has(a[href='/do/raise_deviation']) summary"))
    nurse.open("a.action[href='/do/raise_deviation']")
    nurse.read(about=paper.printed(nurse.page, received[0]))
    nurse.write(what="The cover was torn.")
    nurse.confirm()
    assert events(unit, received[0])[-1] == "deviation_raised"


@pytest.mark.parametrize("step", ["bedside_check", "start_infusion"])
def test_the_sheet_of_a_step_done_on_paper_is_scanned_anywhere_on_its_page(unit, received, step):
    bag, _wristband = received
    page, form = unit.tablet("nurse").page, unit.house.fresh(codes.Kind.DOWNTIME_FORM)
    page.goto(f"/s/{bag}/do/{step}", wait_until="networkidle")
    page.keyboard.type(codes.url(form))
    page.keyboard.press("Enter")
    page.clock.run_for(400)
    page.wait_for_selector("details[open] [name=downtime_form]")
    assert page.input_value("[name=downtime_form]") == codes.group(form)


def test_the_check_of_a_bag_that_has_expired_since_is_scanned_from_its_sheet_before_its_time_is_entered(unit, received):
    bag, _wristband = received
    nurse = unit.tablet("nurse")
    label = paper.printed(nurse.page, bag)
    unit.advance(hours=9)
    nurse.page.goto(f"/s/{bag}/do/bedside_check?on=paper", wait_until="networkidle")
    nurse.read(treatment_bag=label)
    assert nurse.page.locator("[data-name=treatment_bag] .chip").count() == 1
