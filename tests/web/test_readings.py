"""Each reading is on record, accepted or not, once; and those who watch over the trial see what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from custody import codes
from custody.chain.reading import READ
from custody.chain.things import Plane
from custody.labelling import designs, fill
from custody.ledger.entry import decode
from custody.record.door import Door
from custody.record.request import OutcomeUnknown
from tests.web import journey
from tests.web.house import Browser, House

SCRIPT = {"Accept": "application/json"}
BAG = "TBXKJHRENPUD"


def entries(house: House, plane: Plane = Plane.OPEN) -> Iterator[dict[str, Any]]:
    """Yield the readings of a log, oldest first."""
    store = house.door.stores[plane]
    with house.door.database.reading(Plane.SEALED) as connection:
        found = [decode(data) for data in store.entries(connection, 0, store.size(connection))]
    return (entry for entry in found if entry["type"] == READ)


def scans(browser: Browser, raw: str, **more: str) -> dict[str, Any]:
    answer = browser.send("/scan", {"raw": raw, "source": "wedge", **more}, headers=SCRIPT)
    assert answer.json is not None
    return dict(answer.json)


def test_a_reading_is_on_record_with_its_source_symbology_page_and_times(house: House) -> None:
    wristband = journey.enrolled(house)
    event, sent = str(uuid4()), {"source": "camera", "symbology": "QRCode", "step": "order", "thing": wristband}
    scanned_at = {"occurred_at": "2026-03-10T08:59:58+01:00", "skew_s": "4"}
    assert scans(house.browser("doctor"), wristband, event=event, **sent, **scanned_at)["ok"]
    [entry] = entries(house)
    assert entry["payload"] == {
        "raw": wristband,
        "kind": "participant",
        "code": wristband,
        "reason": "",
        "source": "camera",
        "symbology": "QRCode",
        "page": "order",
        "thing": wristband,
    }
    assert (entry["event"], entry["skew_s"], entry["things"]) == (event, 4, {})
    assert entry["occurred_at"].startswith("2026-03-10T07:59:58")
    assert entry["received_at"].startswith("2026-03-10T08:00:00")


def test_a_retry_is_one_record_and_another_answer_another(house: House) -> None:
    wristband, event = journey.enrolled(house), str(uuid4())
    nurse = house.browser("nurse")
    first, second = (scans(nurse, wristband, event=event) for _time in range(2))
    assert first == second
    assert len(list(entries(house))) == 1
    assert scans(nurse, BAG, event=event)["reason"] == "unknown", "the event of another scan hides none"
    assert [entry["payload"]["code"] for entry in entries(house)] == [wristband, BAG]


def test_a_refused_reading_says_why_and_a_scan_of_nothing_is_none(house: House) -> None:
    nurse = house.browser("nurse")
    for raw in (BAG, "TBXKJHRENPUB", "my password", "", "  "):
        scans(nurse, raw)
    told = [(entry["payload"]["raw"], entry["payload"]["reason"]) for entry in entries(house)]
    assert told == [(BAG, "unknown"), ("TBXKJHRENPUB", "wrong_check_symbol"), ("AA AAAAAAAA", "foreign_symbol")]


def test_who_sees_the_arm_writes_to_the_sealed_log_and_all_others_openly(house: House) -> None:
    wristband = journey.enrolled(house)
    for login in house.people:
        scans(house.browser(login), wristband)
    told = [[entry["actor"]["name"] for entry in entries(house, plane)] for plane in Plane]
    assert told == [
        ["Admin", "Courier", "Nurse", "Nurse2", "Doctor", "Faraway", "Monitor", "Inspector"],
        ["Tech", "Tech2", "Resp", "Stat", "Inspector Unblinded"],
    ]


def test_a_scan_for_a_code_break_leaves_nothing_in_the_open_log(house: House) -> None:
    wristband = journey.enrolled(house)
    assert scans(house.browser("doctor"), wristband, step="break_code", thing=wristband)["ok"]
    assert not [*entries(house)]
    assert [entry["payload"]["page"] for entry in entries(house, Plane.SEALED)] == ["break_code"]


def test_of_a_cryobag_that_a_nurse_scans_the_open_log_tells_nothing(house: House) -> None:
    cryobag = journey.lot(house)[0]
    scans(house.browser("nurse"), cryobag)
    [entry] = entries(house)
    assert cryobag not in str(entry)
    assert (entry["payload"]["raw"], entry["payload"]["kind"], entry["payload"]["reason"]) == ("", "", "unknown")


def test_a_vial_whose_text_holds_a_separator_is_on_record(house: House) -> None:
    vial = "]d201032050000040041727123110ALB77\x1d21S1"
    assert scans(house.browser("tech"), vial, expects="albumin_vial")["ok"]
    [entry] = entries(house, Plane.SEALED)
    assert entry["payload"]["raw"] == vial.replace("\x1d", "\u241d")
    assert entry["payload"]["code"] == "03205000004004/ALB77/S1"


def test_a_photo_sent_by_a_form_is_a_reading_and_a_script_sends_its_own(house: House) -> None:
    wristband = journey.enrolled(house)
    picture = fill("wristband", {**designs()["wristband"].example, "code": wristband}).png()
    nurse = house.browser("nurse")
    for headers in (SCRIPT, {}):
        answer = nurse.send("/scan/photo", {"photo": (BytesIO(picture), "photo.png")}, headers=headers)
        assert answer.status_code == (200 if headers else 303)
    [entry] = entries(house)
    assert entry["payload"]["source"] == "photo"
    assert entry["payload"]["symbology"] in {"QRCode", "DataMatrix", "Code128"}
    assert entry["payload"]["code"] == wristband


@pytest.mark.parametrize("headers", [SCRIPT, {}])
def test_a_reading_that_may_not_be_on_record_gets_no_answer_but_to_send_it_again(
    house: House, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wristband = journey.enrolled(house)
    nurse, event = house.browser("nurse"), str(uuid4())

    def fails(_door: Door, _request: object) -> None:
        raise OutcomeUnknown

    with monkeypatch.context() as patch:
        patch.setattr(Door, "submit", fails)
        answer = nurse.send("/scan", {"raw": wristband, "event": event}, headers=headers)
    assert answer.status_code == 503
    assert "Not sure that it is on record: send it again." in answer.text
    assert scans(nurse, wristband, event=event)["ok"]
    assert [entry["event"] for entry in entries(house)] == [event]


@pytest.mark.parametrize(
    "wrong", [{"event": "1"}, {"source": "guess"}, {"occurred_at": "0001-01-01T00:00:00+14:00"}, {"skew_s": "x"}]
)
def test_what_no_page_of_ours_sends_is_refused(house: House, wrong: dict[str, str]) -> None:
    assert house.browser("nurse").send("/scan", {"raw": BAG, **wrong}, headers=SCRIPT).status_code == 400
    assert not [*entries(house)]


# --- who is told ------------------------------------------------------------------------------


def test_a_near_miss_stands_in_the_histories_and_an_accepted_scan_does_not(house: House) -> None:
    one, other = (journey.enrolled(house) for _number in range(2))
    bag = journey.ordered(house, one)
    nurse = house.browser("nurse")
    page = {"step": "bedside_check", "thing": bag, "fits": "participant:wristband", "given.treatment_bag": bag}
    assert scans(nurse, other, expects="participant", **page)["reason"] == "does_not_fit"
    scans(nurse, one)
    for code in (bag, other):
        history = house.browser("inspector").get(f"/s/{code}/history").text
        assert history.count("Scan a code") == 1
        assert "Why it was refused: It does not fit this step." in history
        assert "On the page: " in history
    assert "Scan a code" not in house.browser("inspector").get(f"/s/{one}/history").text
    did = house.browser("inspector").get(f"/s/{house.people['nurse']}/history").text.partition("Did and signed")[2]
    assert did.count("Scan a code") == 1


def test_refused_readings_are_listed_the_newest_first_with_the_share_that_was_typed(house: House) -> None:
    nurse = house.browser("nurse")
    for raw, source in ((BAG, "wedge"), ("TBXKJHRENPUB", "typed"), (house.people["nurse2"], "camera")):
        scans(nurse, raw, source=source)
    for login in ("monitor", "inspector", "inspector_unblinded"):
        page = house.browser(login).get("/registers/readings").text
        assert "Of 3 scans 2 (67\u00a0%) were refused; 1 (33\u00a0%) were typed by hand." in page
        assert page.index("TBXKJHRENPUB") < page.index(BAG)
        assert "typed by hand" in page
        assert "only its shape is kept: A for a letter, 9 for a digit." in page
    page = house.browser("inspector_unblinded").get("/registers/sealed_readings").text
    assert "None." in page
    scans(house.browser("tech"), "=A99992112345")
    page = house.browser("inspector_unblinded").get("/registers/sealed_readings").text
    assert "=A99992112345" in page
    assert "cut off" in page
    assert house.browser("inspector").get("/registers/sealed_readings").status_code == 404
    assert "A99992112345" not in house.browser("inspector").get("/registers/readings").text


def test_a_scan_that_the_keys_contradict_is_shown_and_not_taken(house: House) -> None:
    typed, keys = "(01)03205000004004(10)ZY1(21)1", "(01)03205000004004(10)YZ1(21)1"
    tech = house.browser("tech")
    answer = scans(tech, typed, keys=keys, expects="albumin_vial")
    assert (answer["ok"], answer["reason"]) == (False, "doubted")
    assert answer["text"] == "03205000004004/ZY1/1, or 03205000004004/YZ1/1 by the scanner's keys?"
    assert scans(tech, typed, keys=typed, expects="albumin_vial")["ok"]
    assert [entry["payload"]["reason"] for entry in entries(house, Plane.SEALED)] == ["doubted", ""]


def test_the_keys_say_what_a_garbled_scan_was(house: House) -> None:
    wristband = journey.enrolled(house)
    url = codes.url(wristband)
    answer = scans(house.browser("nurse"), "HTTPS???garbled", keys=url)
    assert answer["reason"] == "wrong_keyboard"
    assert answer["advice"].endswith(f"Its keys say {codes.group(wristband)}.")
    assert "code" not in answer
