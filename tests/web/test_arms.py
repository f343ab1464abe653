"""The end: the codes are opened by two on a page, and everybody sees every arm; before, no page shows a list."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest

from custody import codes
from custody.chain import unsealing
from custody.chain.things import Plane
from custody.ledger.checkpoint import read_unverified
from custody.ledger.entry import decode
from tests.web import journey
from tests.web.house import CAST, TOKEN, House, build, errors
from tests.web.test_who import routes

LINKED = re.compile(r'href="/s/(C[A-Z]{11})"')
"""Cryobags on a page."""
LIST = re.compile(rb"(MSC|PLACEBO)\W{1,12}(MSC|PLACEBO)\W{1,12}(MSC|PLACEBO)")
"""Three arms one after the other, however they are set apart."""


def ended(house: House) -> tuple[str, str]:
    """Let an order be cancelled, and both planes be reconciled; give wristband and treatment code."""
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    house.browser("doctor").did(bag, "cancel_order", reason="died")
    house.browser("tech").did(bag, "discard_preparation", "tech2", reason="cancelled")
    house.browser("monitor").did("", "reconcile")
    house.browser("resp").did("", "reconcile_sealed")
    return wristband, bag


LOCKED = "The randomisation codes are open, so the data are locked: only deviations and corrections go on record."


@pytest.mark.parametrize(("arms", "name"), [(("MSC", "PLACEBO"), "stem cells"), (("PLACEBO", "MSC"), "Albumin alone")])
def test_everybody_sees_every_arm_once_the_codes_are_open_and_nobody_before(
    tmp_path: Path, arms: tuple[str, str], name: str
) -> None:
    house = build(tmp_path, arms=arms)
    wristband, bag = ended(house)
    nurse, stranger = house.browser("nurse"), house.browser("courier")
    for path in (f"/s/{wristband}", f"/s/{bag}", "/"):
        assert ">Arm<" not in nurse.get(path).text
    assert {house.browser(login).get(path).status_code for login in CAST for path in ("/arms", "/arms.csv")} == {404}

    statistician = house.browser("stat")
    assert "/do/unseal" in statistician.get("/").text
    alone = statistician.step("", "unseal")
    assert errors(alone.text) == ["A second person has to sign."]
    done = statistician.step("", "unseal", "resp")
    assert done.headers["Location"] == "/arms?did=unseal"
    assert "Recorded: Open the randomisation codes" in statistician.get(done.headers["Location"]).text

    for path in (f"/s/{wristband}", f"/s/{bag}", "/arms"):
        shown = nurse.get(path).text
        assert name in shown, path
        assert ">Arm<" in shown, path
    assert 'href="/arms"' in stranger.get("/").text
    assert stranger.get("/arms.csv").text.splitlines() == [
        "number,site,arm,state,participant,treatment_bags",
        f"NAN-001,NAN,{arms[0]},enrolled,{wristband},{bag}",
    ]
    again = house.browser("doctor").step(wristband, "order")
    assert errors(again.text) == [LOCKED]
    assert errors(statistician.step("", "unseal", "resp").text) == ["unsealing is complete; this step needs: begun."]
    house.door.database.close()


def test_a_lot_that_was_not_released_before_the_codes_were_opened_is_offered_to_nobody(house: House) -> None:
    technician = house.browser("tech")
    technician.did(journey.DIN, "register_lot", **journey.lot_facts(house))
    for test in house.door.protocol.qc:
        technician.did(journey.DIN, f"record_qc?test={test.code}", result=journey.good(test))
    cryobags = LINKED.findall(technician.get(f"/s/{journey.DIN}").text)
    for code in cryobags:
        technician.did(code, "destroy_cryobag", "tech2", reason="no longer needed")
    assert "Lots to release" in house.browser("resp").get("/").text
    ended(house)
    house.browser("stat").did("", "unseal", "resp")
    assert "Lots to release" not in house.browser("resp").get("/").text


def test_what_is_missing_before_the_codes_can_be_opened_is_said_before_anybody_signs(house: House) -> None:
    journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    page = house.browser("stat").get("/do/unseal").text
    assert page.count("Not possible yet: Not reconciled by the ") == 2
    listed = page.partition("Has not ended yet")[2]
    assert f'href="/s/{bag}"' in listed
    assert "cryobag" in listed
    assert "What is signed for" not in page


def test_the_lists_are_shown_by_no_page_so_none_records_that_they_were(house: House) -> None:
    statistician = house.browser("stat")
    assert statistician.get("/do/show_randomisation").status_code == 404
    assert statistician.send("/do/show_randomisation", {}).status_code == 404
    assert statistician.send("/s/NAN/do/show_randomisation", {}).status_code == 404


def test_the_page_says_how_far_it_is_and_shows_no_table_before_the_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    wristband, _bag = ended(house)
    monkeypatch.setattr(unsealing, "MOST_OPENED", 3)
    statistician = house.browser("stat")
    assert "Open so far" not in statistician.get("/do/unseal").text
    statistician.did("", "unseal", "resp")
    assert "Open so far: 3 lists, 0 orders." in statistician.get("/do/unseal").text
    assert statistician.get("/arms").status_code == 404
    assert "Arm" not in TOKEN.sub("", statistician.get(f"/s/{wristband}").text)  # whose symbols are random
    statistician.did("", "unseal", "resp")
    assert statistician.get("/arms").status_code == 200


def test_no_page_and_no_line_of_the_log_shows_a_list_while_the_trial_runs(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody's: of the files of the sealed log, one holds it, and that is for the inspector who may see all."""
    caplog.set_level(logging.DEBUG)
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    events = [entry["event"] for entry in _entries(house)]
    codes_there = [wristband, bag, house.people["stat"], house.locations[0], "stratum/NAN", "allocation", *events[:2]]
    paths = {path for _endpoint, method, path in routes(house) if method == "GET"}
    paths |= {f"/s/{code}{more}" for code in codes_there for more in ("", "/history", "/do/order")}
    paths |= {f"/do/{name}" for name in ("load_randomisation", "unseal", "show_randomisation", "correct_sealed")}
    paths |= {f"/do/correct_sealed?event={event}" for event in events}
    paths |= {f"/ledger/{plane}/{name}" for plane in Plane for name in ("checkpoint", _bundle(house, plane))}
    shown, bundle = set(), _bundle(house, Plane.SEALED)
    for login in CAST:
        browser = house.browser(login)
        house.browser(login).scan("NAN")
        shown |= {(login, path) for path in paths if LIST.search(browser.get(path).data)}
    assert shown == {("inspector_unblinded", f"/ledger/sealed/{bundle}")}
    assert not LIST.search(caplog.text.encode())


def _bundle(house: House, plane: Plane) -> str:
    size = read_unverified(house.door.checkpoint(plane))[0].size
    return f"tile/entries/000.p/{size}"


def _entries(house: House) -> list[dict[str, Any]]:
    with house.door.database.reading(Plane.SEALED) as connection:
        store = house.door.stores[Plane.SEALED]
        found = [decode(data) for data in store.entries(connection, 0, store.size(connection))]
    return [entry for entry in found if entry["step"] == "load_randomisation"]


def test_what_is_in_the_open_log_of_a_list_is_as_long_whatever_the_list(tmp_path: Path) -> None:
    """And the same but for what is random: who sees it learns that the site has one."""
    seen = []
    for name, arms in (("one", ("MSC", "PLACEBO")), ("two", ("PLACEBO", "MSC", "MSC", "PLACEBO"))):
        (tmp_path / name).mkdir()
        house = build(tmp_path / name, arms=arms)
        with house.door.database.reading(Plane.OPEN) as connection:
            store = house.door.stores[Plane.OPEN]
            data = [*store.entries(connection, 0, store.size(connection))]
        found = [one for one in data if decode(one)["step"] == "load_randomisation"]
        seen.append(([len(one) for one in found], [decode(one)["payload"] for one in found]))
        assert all("commitment" in decode(one) for one in found)
        house.door.database.close()
    assert seen[0] == seen[1]
    assert seen[0][1] == [{"site": site} for site in ("NAN", "DIJ", "STR")]


def test_an_order_asks_for_a_participant_and_for_nothing_that_could_choose_the_arm(house: House) -> None:
    page = house.browser("doctor").get(f"/s/{journey.enrolled(house)}/do/order").text
    names = set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page))
    assert not names & {"arm", "place", "site", "stratum", "arms"}
    assert codes.Kind.PARTICIPANT in names


def test_what_may_still_be_done_once_the_codes_are_open_is_offered_and_nothing_else(tmp_path: Path) -> None:
    house = build(tmp_path)
    wristband, bag = ended(house)
    house.browser("nurse").did("", "raise_deviation", what="late", about=bag)
    deviation = next(
        code
        for code in re.findall(r'href="/s/(\w+)"', house.browser("monitor").get("/registers/deviations").text)
        if code not in {bag, wristband}
    )
    monitor, doctor = house.browser("monitor"), house.browser("doctor")
    monitor.did(deviation, "close_deviation", cause="a", action="b")
    assert 'href="/do/unseal"' in house.browser("stat").get("/").text
    house.browser("stat").did("", "unseal", "resp")
    for login in CAST:
        offered = set(re.findall(r'href="/(?:s/\w+/)?do/(\w+)', house.browser(login).get("/").text))
        assert offered <= {"add_person", "raise_deviation", "raise_bench_deviation"}, login
    assert f"/s/{wristband}/do/order" not in doctor.get(f"/s/{wristband}").text
    assert "break_code" not in doctor.get(f"/s/{wristband}").text
    fresh = house.fresh(codes.Kind.PARTICIPANT)
    assert doctor.get(f"/s/{fresh}").status_code == 404
    refused = house.browser("monitor").step("", "reconcile")
    assert errors(refused.text) == [LOCKED]


def test_a_correction_after_the_opening_is_told_marked_and_listed(tmp_path: Path) -> None:
    house = build(tmp_path)
    _, bag = ended(house)
    doctor, nurse = house.browser("doctor"), house.browser("nurse")
    link = re.findall(r'href="/do/(correct\?event=[^"]+)"', doctor.get(f"/s/{bag}/history").text)[-1]
    told = "The codes are open: the correction is marked as made after that"
    assert told not in doctor.get(f"/do/{link}&field=reason").text
    house.browser("stat").did("", "unseal", "resp")
    assert "None." in nurse.get("/arms").text
    link += "&field=reason"
    assert told in doctor.get(f"/do/{link}").text
    doctor.did("", link, value="died at home", reason="typing")
    assert "made after the codes were opened" in nurse.get(f"/s/{bag}/history").text
    page = nurse.get("/arms").text
    assert re.search(r'<span class="count">1</span></h2>\s*<ul><li><a href="/s/\w+/history#[0-9a-f-]{36}">', page)
    assert "`" not in page
