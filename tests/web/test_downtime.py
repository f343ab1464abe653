"""The network is down: forms printed beforehand, written on, entered afterwards with their own times."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from custody import codes, downtime
from custody.chain.things import Plane, TreatmentBag
from custody.downtime import twins
from custody.labelling.place import Symbol
from tests.sheets import codes_on
from tests.web import journey
from tests.web.house import HIDDEN, PASSWORD, Browser, House, errors

PARIS = ZoneInfo("Europe/Paris")


def wall(instant: datetime) -> str:
    """Write a time as somebody enters what stands on a form."""
    return f"{instant.astimezone(PARIS):%Y-%m-%dT%H:%M}"


def on_the_ward(house: House) -> tuple[str, str]:
    """Have a bag on the ward, five minutes there; give it and its wristband."""
    bag, wristband, _shipper = journey.on_ward(house)
    house.clock.advance(minutes=5)
    return bag, wristband


def bag_of(house: House, code: str) -> TreatmentBag:
    with house.door.database.reading(Plane.OPEN) as connection:
        kept = house.door.stores[Plane.OPEN].thing(connection, code)
    assert kept
    assert isinstance(kept.thing, TreatmentBag)
    return kept.thing


def test_a_night_without_network_is_entered_in_the_morning(house: House) -> None:
    bag, wristband = on_the_ward(house)
    at = house.clock.now()
    forms = [house.fresh(codes.Kind.DOWNTIME_FORM) for _ in range(3)]
    house.clock.advance(hours=9)
    assert house.clock.now() > bag_of(house, bag).expires_at
    nurse = house.browser("nurse")
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    late = nurse.step(bag, "bedside_check", "nurse2", **checked)
    assert "expired" in " ".join(errors(late.text))
    nurse.did(bag, "bedside_check", "nurse2", **checked, done_at=wall(at), downtime_form=forms[0])
    nurse.did(bag, "start_infusion", done_at=wall(at + timedelta(minutes=3)), downtime_form=forms[1])
    end = wall(at + timedelta(minutes=33))
    nurse.did(bag, "stop_infusion", given_ul="250", reason="complete", done_at=end, downtime_form=forms[2])
    stood = bag_of(house, bag)
    assert stood.started_at
    assert stood.stopped_at
    assert stood.stopped_at - stood.started_at == timedelta(minutes=30)
    shown = nurse.get(f"/s/{bag}/history").text
    assert shown.count("Done on paper") == 3
    folded = re.sub(r"<details.*?</details>", "", shown, flags=re.DOTALL)
    assert all(codes.group(form) in folded for form in forms)


def given_on_paper(house: House) -> tuple[Browser, str, datetime]:
    """Enter in the morning a check and a start of the night; give the nurse, the bag, and when it was started."""
    bag, wristband = on_the_ward(house)
    at = house.clock.now()
    house.clock.advance(hours=9)
    nurse = house.browser("nurse")
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    nurse.did(bag, "bedside_check", "nurse2", **checked, done_at=wall(at))
    nurse.did(bag, "start_infusion", done_at=wall(at))
    return nurse, bag, at


def stopped(nurse: Browser, bag: str, at: datetime) -> None:
    nurse.did(bag, "stop_infusion", given_ul="250", reason="complete", done_at=wall(at + timedelta(minutes=30)))


def observed(nurse: Browser, bag: str, minute: int, **more: str) -> None:
    nurse.did(bag, "observe", due_min=str(minute), **{"reaction": "none", **journey.SIGNS, **more})


def test_vital_signs_are_entered_in_any_order_even_after_the_stop(house: House) -> None:
    nurse, bag, at = given_on_paper(house)
    stopped(nurse, bag, at)
    for minute in (15, 0, 30):
        observed(nurse, bag, minute, done_at=wall(at + timedelta(minutes=minute)))
    assert [minute for minute, _at in bag_of(house, bag).observations] == [0, 15, 30]


def test_vital_signs_before_the_start_are_refused_on_paper_too(house: House) -> None:
    nurse, bag, at = given_on_paper(house)
    early = wall(at - timedelta(minutes=10))
    page = nurse.step(bag, "observe", due_min="0", reaction="none", **journey.SIGNS, done_at=early)
    assert page.status_code == 422


def test_the_morning_s_observation_and_its_correction_keep_no_stop_of_the_night_back(house: House) -> None:
    nurse, bag, at = given_on_paper(house)
    observed(nurse, bag, 360, reaction="mild")
    event = re.findall(r"/do/correct\?event=([\w-]+)", nurse.get(f"/s/{bag}/history").text)[-1]
    nurse.did("", f"correct?event={event}&field=reaction", value="none", reason="wrong line")
    stopped(nurse, bag, at)
    late = wall(at + timedelta(minutes=20))
    page = nurse.step(bag, "return_bag", "nurse2", left_ul="0", lost_ul="0", done_at=late)
    assert "was last changed at" in " ".join(errors(page.text))


def test_a_sheet_entered_before_the_one_that_it_follows_is_told_the_order(house: House) -> None:
    bag, _wristband = on_the_ward(house)
    nurse, told = house.browser("nurse"), "Sheets are entered in the order in which their steps were done."
    assert told in errors(nurse.step(bag, "start_infusion", done_at=wall(house.clock.now())).text)
    assert told not in errors(nurse.step(bag, "start_infusion").text)


def test_an_expired_bag_offers_the_steps_that_may_be_entered(house: House) -> None:
    bag, _wristband = on_the_ward(house)
    house.clock.advance(hours=9)
    assert f"/s/{bag}/do/bedside_check" in house.browser("nurse").get(f"/s/{bag}").text


def test_a_form_without_its_time_and_a_code_of_something_else_are_said(house: House) -> None:
    bag, wristband = on_the_ward(house)
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    page = house.browser("nurse").step(bag, "bedside_check", "nurse2", **checked, downtime_form=wristband)
    assert page.status_code == 422
    said = " ".join(errors(page.text))
    assert "When it was done: nothing was entered." in said
    assert "a downtime form was expected" in said
    assert wristband in page.text
    assert '<details class="more" open>' in page.text


def test_nothing_is_said_expired_of_a_form_whose_time_is_missing_or_still_to_come(house: House) -> None:
    bag, wristband = on_the_ward(house)
    house.clock.advance(hours=9)
    nurse, form = house.browser("nurse"), house.fresh(codes.Kind.DOWNTIME_FORM)
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes", "downtime_form": form}
    for done_at, why in (("", "nothing was entered"), (wall(house.clock.now() + timedelta(days=1)), "in the future")):
        said = " ".join(errors(nurse.step(bag, "bedside_check", "nurse2", **checked, done_at=done_at).text))
        assert why in said
        assert "expired" not in said


def test_what_was_given_too_late_by_the_paper_is_told_signed_and_raises_its_deviation(house: House) -> None:
    bag, wristband = on_the_ward(house)
    at = house.clock.now()
    house.clock.advance(hours=9)
    nurse = house.browser("nurse")
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    nurse.did(bag, "bedside_check", "nurse2", **checked, done_at=wall(at))
    started = {"done_at": wall(at + timedelta(minutes=20))}
    told = nurse.step(bag, "start_infusion", **started)
    assert told.status_code == 422
    assert errors(told.text) == []
    assert "The bedside check was more than 15 min before." in told.text
    notice = told.text.partition("data-told")[2].partition("beyond")[0]
    checked, until = (at.astimezone(PARIS) for at in (at, at + timedelta(minutes=15)))
    assert f"{checked:%H:%M} CET" in notice
    assert f"{until:%H:%M} CET" in notice
    agreed = dict(HIDDEN.findall(told.text))["beyond"]
    other = {"done_at": wall(at + timedelta(minutes=40)), "beyond": agreed}
    assert nurse.step(bag, "start_infusion", **other).status_code == 422, "another time was not agreed to"
    done = nurse.did(bag, "start_infusion", **started, beyond=agreed)
    said = nurse.get(done.location).text
    assert "Out of its limit, a deviation is raised:" in said
    [deviation] = set(re.findall(r'class="button" href="/s/(V[A-Z]{11})">Deviation', said))
    assert "The bedside check was more than 15 min before." in house.browser("monitor").get(f"/s/{deviation}").text
    stopped = {"given_ul": "250", "reason": "complete", "done_at": wall(at + timedelta(minutes=50))}
    nurse.did(bag, "stop_infusion", **stopped)


def test_a_bag_that_is_expired_by_now_or_was_by_the_paper_is_scanned_for_its_check_on_paper(house: House) -> None:
    bag, _wristband = on_the_ward(house)
    house.clock.advance(hours=9)
    nurse, late = house.browser("nurse"), wall(house.clock.now() - timedelta(minutes=5))
    page = {"raw": bag, "step": "bedside_check", "thing": bag, "expects": "treatment_bag"}
    page["fits"] = "treatment_bag:treatment_bag"

    def taken(**more: str) -> bool:
        answer = nurse.send("/scan", page | more, headers={"Accept": "application/json"}).get_json()
        return bool(answer["ok"])

    assert not taken()
    assert taken(on_paper="yes", done_at="")
    assert taken(on_paper="yes", done_at=late)
    assert taken(done_at=late)


def test_after_the_check_of_a_sheet_the_start_on_paper_stands_unfolded(house: House) -> None:
    bag, wristband = on_the_ward(house)
    at = house.clock.now()
    house.clock.advance(hours=1)
    nurse = house.browser("nurse")
    checked = {"wristband": wristband, "cover_on": "yes", "central_line": "yes"}
    done = nurse.did(bag, "bedside_check", "nurse2", **checked, done_at=wall(at))
    unfolded = nurse.get(done.location).text.partition('<details class="more" open>')[2].partition("</details>")[0]
    assert f"/s/{bag}/do/start_infusion?on=paper" in unfolded
    assert '<details class="more" open>' not in nurse.get(f"/s/{bag}").text


def test_an_order_is_not_taken_from_paper(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    assert "done_at" not in doctor.get(f"/s/{wristband}/do/order").text
    at = wall(house.clock.now() - timedelta(hours=1))
    doctor.step(wristband, "order", done_at=at)
    participant = doctor.get(f"/s/{wristband}/history").text
    assert "Done on paper" not in participant


def test_everybody_prints_the_forms_of_their_steps_alone(house: House) -> None:
    for login, mine, others in (("nurse", "start_infusion", "thaw"), ("tech", "thaw", "start_infusion")):
        browser = house.browser(login)
        listed = set(re.findall(r"/downtime/(\w+)\.pdf", browser.get("/downtime").text)) - {"all"}
        assert mine in listed
        assert others not in listed
        assert browser.get(f"/downtime/{others}.pdf").status_code == 404


def test_each_sheet_is_one_page_with_a_code_of_its_own(house: House) -> None:
    made = house.browser("nurse").get("/downtime/all.pdf").data
    pages = len(pypdfium2.PdfDocument(made))
    found = codes_on(made)
    assert pages == len(twins("icu_nurse")) == len(found)
    assert {codes.read(code).kind for code in found} == {codes.Kind.DOWNTIME_FORM}


def test_the_sheet_of_a_start_says_how_long_the_check_before_it_holds(house: House) -> None:
    made = house.browser("nurse").get("/downtime/start_infusion.pdf").data
    [page] = pypdfium2.PdfDocument(made)
    said = " ".join(page.get_textpage().get_text_range().split())
    assert f"within {house.door.protocol.check_valid} min of the bedside check" in said


@pytest.mark.parametrize("name", ["start_infusion", "all"])
def test_a_sheet_whose_symbol_does_not_read_back_is_not_handed_out(
    house: House, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, drawn = downtime.vector, itertools.count()

    def smudged(symbol: Symbol) -> dict[str, Any]:
        return real(symbol) | ({"svg": BLANK} if next(drawn) == 1 else {})

    monkeypatch.setattr(downtime, "vector", smudged)
    answer = house.browser("nurse").get(f"/downtime/{name}.pdf")
    assert answer.status_code == 422
    assert "Cannot be printed:" in answer.text
    assert "A symbol does not read back. Meant: DataMatrix J" in answer.text


BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="1mm" height="1mm"></svg>'


def test_a_scanned_form_says_what_it_is_for(house: House) -> None:
    form = house.fresh(codes.Kind.DOWNTIME_FORM)
    answer = house.browser("nurse").scan(form).get_json()
    assert not answer["ok"]
    assert "Scan first what it is about" in answer["advice"]


def test_a_form_is_taken_on_the_page_of_a_step_that_has_one_and_of_no_other(house: House) -> None:
    form, nurse = house.fresh(codes.Kind.DOWNTIME_FORM), house.browser("nurse")
    for step, expects in (("bedside_check", "treatment_bag,participant"), ("start_infusion", "")):
        sent = {"raw": form, "step": step, "expects": expects}
        answer = nurse.send("/scan", sent, headers={"Accept": "application/json"}).get_json()
        assert (answer["ok"], answer["typed"]) == (True, codes.group(form))
    sent = {"raw": form, "step": "order", "expects": "participant"}
    assert not nurse.send("/scan", sent, headers={"Accept": "application/json"}).get_json()["ok"]


def test_the_signature_is_asked_for_as_ever(house: House) -> None:
    bag, _wristband = on_the_ward(house)
    browser: Browser = house.browser("nurse")
    page = browser.step(bag, "bedside_check", done_at=wall(house.clock.now()), wristband="")
    assert page.status_code == 422
    assert PASSWORD not in page.text


def test_what_is_folded_away_keeps_no_step_back(house: House) -> None:
    """A browser sends no form that misses what it requires, and cannot say so of what it does not show."""
    page = house.browser("nurse").get("/do/raise_deviation").text
    folded = page.partition('<details class="more">')[2].partition("</details>")[0]
    assert 'name="done_at"' in folded
    assert " required" not in folded
