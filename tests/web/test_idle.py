"""A sign-in that nobody used is locked, and opened again where it stood; what a page does by itself is no use of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from custody.cli.failing import outcome
from custody.config import BadSetting, Config
from tests.web import house as houses
from tests.web import journey
from tests.web.house import PASSWORD, Browser, House

AFTER = timedelta(minutes=15)
LOCKED = "/sign-in?locked=1"
BY_ITSELF = {"HX-Request": "true", "Accept": "text/html, */*"}
RELOADED = {"Sec-Fetch-Mode": "navigate", "Accept": "text/html"}


@pytest.fixture
def locking(tmp_path: Path) -> Iterator[House]:
    """A house whose sign-ins lock."""
    made = houses.build(tmp_path, lock_after=AFTER)
    yield made
    made.door.database.close()


def is_locked(browser: Browser) -> bool:
    answer = browser.client.get("/lock")
    return answer.json is not None and answer.json["left_s"] == 0


def test_after_a_quarter_of_an_hour_the_next_page_asks_for_the_password_and_leads_back(locking: House) -> None:
    nurse = locking.browser("nurse")
    locking.clock.advance(minutes=14, seconds=59)
    assert nurse.get("/labels").status_code == 200
    locking.clock.advance(minutes=15)
    assert nurse.get("/downtime").headers["Location"] == LOCKED
    page = nurse.get(LOCKED).text
    assert "Locked: not used for 15 min." in page
    assert 'value="nurse"' in page
    assert 'class="who"' not in page
    answer = nurse.send("/sign-in", {"name": "nurse", "password": PASSWORD})
    assert answer.headers["Location"] == "/downtime"
    assert nurse.get("/downtime").status_code == 200


def test_somebody_else_signs_in_on_it_and_is_led_to_the_front_page(locking: House) -> None:
    tablet = locking.browser("tech")
    locking.clock.advance(minutes=15)
    tablet.get("/labels")
    assert tablet.send("/sign-in", {"name": "nurse", "password": PASSWORD}).headers["Location"] == "/"
    assert "<strong>Nurse</strong>" in tablet.get("/").text


def test_a_step_is_not_done_behind_the_lock_and_its_form_goes_through_once_it_is_open(locking: House) -> None:
    wristband = journey.enrolled(locking)
    doctor = locking.browser("doctor")
    fields = {"participant": wristband, "event": "0a0a0a0a-0000-4000-8000-000000000001", "password": PASSWORD}
    locking.clock.advance(minutes=15)
    assert doctor.send(f"/s/{wristband}/do/order", fields).headers["Location"] == LOCKED
    assert doctor.send("/scan", {"raw": wristband}).headers["Location"] == LOCKED
    assert doctor.send("/unlock", {"password": PASSWORD}).json == {"ok": True}
    assert doctor.send(f"/s/{wristband}/do/order", fields).status_code == 303


def test_the_password_is_tried_as_often_as_any_other(locking: House) -> None:
    nurse = locking.browser("nurse")
    locking.clock.advance(minutes=15)
    for _number in range(5):
        answer = nurse.send("/unlock", {"password": "wrong"})
        assert answer.status_code == 422
        assert answer.json == {"ok": False, "text": "This is not your present password."}
    answer = nurse.send("/unlock", {"password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["text"].startswith("Too many wrong passwords on this device: wait ")
    assert is_locked(nurse)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/worklist", BY_ITSELF),
        ("/labels", RELOADED),
        ("/lock", {}),
        ("/healthz", {}),
        ("/static/now/style.css", {}),
        ("/labels", {"Sec-Fetch-Mode": "cors", "Accept": "text/html"}),
        ("/labels", {"Accept": "image/*"}),
    ],
)
def test_what_a_page_does_by_itself_is_no_use(locking: House, path: str, headers: dict[str, str]) -> None:
    nurse = locking.browser("nurse")
    for _quarter in range(2):
        locking.clock.advance(minutes=7, seconds=30)
        nurse.client.get(path, headers=headers).close()
    assert is_locked(nurse)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/labels", {"Accept": "text/html"}),
        ("/labels", RELOADED | {"Sec-Fetch-User": "?1"}),
        ("/used", None),
        ("/scan", None),
    ],
)
def test_what_a_hand_does_is(locking: House, path: str, headers: dict[str, str] | None) -> None:
    nurse = locking.browser("nurse")
    for _time in range(4):
        locking.clock.advance(minutes=7, seconds=30)
        if headers is None:
            nurse.send(path, {"raw": "x"}, headers={"Accept": "application/json"})
        else:
            nurse.client.get(path, headers=headers).close()
    assert not is_locked(nurse)


def test_within_a_minute_nothing_is_written_down_anew(locking: House) -> None:
    nurse = locking.browser("nurse")
    locking.clock.advance(seconds=59)
    assert "custody_used" not in str(nurse.get("/labels").headers.getlist("Set-Cookie"))
    locking.clock.advance(seconds=1)
    assert "custody_used" in str(nurse.get("/labels").headers.getlist("Set-Cookie"))


def test_a_list_that_refreshes_itself_stands_still_behind_the_lock(locking: House) -> None:
    nurse = locking.browser("nurse")
    locking.clock.advance(minutes=15)
    for path in ("/worklist", f"/s/{locking.people['nurse']}/changed?seen="):
        answer = nurse.client.get(path, headers=BY_ITSELF)
        assert (answer.status_code, answer.text, answer.headers.get("HX-Refresh")) == (204, "", None)
        assert answer.headers["HX-Trigger"] == "custody:look"


def test_without_its_cookie_or_with_another_sign_ins_it_is_locked(locking: House) -> None:
    nurse, other = locking.browser("nurse"), locking.browser("nurse")
    kept = other.client.get_cookie("custody_used")
    assert kept is not None
    for forged in (kept.value, "", "nonsense"):
        nurse.client.set_cookie("custody_used", forged)
        assert is_locked(nurse)
    assert not is_locked(other)


def test_an_open_page_knows_when_and_says_for_how_long(locking: House) -> None:
    page = locking.browser("nurse").get("/").text
    assert 'data-lock="900"' in page
    assert 'data-told-every="60.0"' in page
    assert "Password of Nurse" in page


@pytest.mark.parametrize("arms", [("MSC", "PLACEBO"), ("PLACEBO", "MSC")])
def test_the_lock_tells_nothing_of_what_is_behind_it(tmp_path: Path, arms: tuple[str, ...]) -> None:
    house = houses.build(tmp_path, arms=arms, lock_after=AFTER)
    bag = journey.ordered(house, journey.enrolled(house))
    nurse = house.browser("nurse")
    house.clock.advance(minutes=15)
    for code in (bag, house.fresh(houses.codes.Kind.TREATMENT_BAG)):
        answer = nurse.get(f"/s/{code}")
        assert (answer.status_code, answer.headers["Location"]) == (302, LOCKED)
    house.door.database.close()


def test_the_setting_is_in_whole_minutes() -> None:
    assert Config.read({}).lock_after == AFTER
    assert Config.read({"CUSTODY_LOCK_AFTER_MIN": "3"}).lock_after == timedelta(minutes=3)
    for wrong in ("0", "721", "1.5", "soon", "-1", "99999"):
        with pytest.raises(BadSetting, match="CUSTODY_LOCK_AFTER_MIN: expected whole minutes from 1 to 720, found"):
            Config.read({"CUSTODY_LOCK_AFTER_MIN": wrong})
    assert outcome(BadSetting("what was expected")) == (2, ["what was expected"])
