"""One step, one screen: what is wrong is said, all at once, and what was typed stays."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import g

from custody import codes, intake
from custody.chain.step import STEPS, fields_of
from custody.chain.things import Location, Person, Plane, TreatmentBag
from custody.ledger.entry import decode
from custody.record.entries import REFUSED
from custody.web import links, offers, step
from custody.web.showing import Showing
from tests.web import house as houses
from tests.web import journey
from tests.web.house import HIDDEN, PASSWORD, House, errors

FIGURE = re.compile(r'<div class="figure ">(.*?)</div>', re.DOTALL)


def last(house: House, plane: Plane) -> dict[str, object]:
    with house.door.database.reading(plane) as connection:
        store = house.door.stores[plane]
        head = store.head(connection)
        assert head is not None
        return decode(store.entry(connection, head.size - 1))


def test_all_failed_conditions_are_said_at_once_and_recorded(house: House) -> None:
    doctor = house.browser("doctor")
    wristband = house.fresh(codes.Kind.PARTICIPANT)
    onset = (house.clock.now() - timedelta(hours=13)).isoformat()
    protocol = house.door.protocol
    answers = {f"answers.{item.code}": "no" for item in (*protocol.inclusion, *protocol.exclusion)}
    page = doctor.step(wristband, "enrol", weight_g="9", onset_at=onset, consent="relative", **answers)
    assert page.status_code == 422
    said = errors(page.text)
    assert len(said) == len(protocol.inclusion) + 2
    assert any("9 kg is outside" in text for text in said)
    entry = last(house, Plane.OPEN)
    assert entry["type"] == REFUSED
    assert len(entry["payload"]["reasons"]) == len(said)  # type: ignore[index]


def test_a_signature_that_a_limit_asks_for_opens_by_itself_once_it_is_missed(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=cryobags[0])
    house.clock.advance(minutes=10)
    end = house.clock.now()
    tech.did(cryobags[0], "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    assert '<details class="optional-signature">' in tech.get(f"/s/{cryobags[0]}/do/count").text
    counted = {"viable_cells_per_ml": "10", "volume_ul": "11", "viability_permille": "75"}
    refused = tech.step(cryobags[0], "count", sign=False, **counted)
    assert "Viability 75 % is below 80 %: sign." in errors(refused.text)
    assert '<details class="optional-signature" open>' in refused.text


def test_a_code_in_a_reason_leads_to_its_page(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    page = house.browser("monitor").step("", "reconcile")
    assert page.status_code == 422
    assert f'<a class="code" href="/s/{bag}">{codes.group(bag)}</a>' in page.text


def signed_for(page: str) -> list[tuple[str, str, str]]:
    """Give each thing of a reconciliation's page: its code, its state, and whether it is final."""
    rows = re.findall(r"<tr class.*?</tr>", page, re.DOTALL)
    said = [" ".join(re.sub(r"<[^>]+>", " ", row).split()).split(" ", 1) for row in rows]
    return [(code, rest, "not final" if "not final" in rest else "final") for code, rest in said]


def test_who_reconciles_sees_each_thing_and_whether_it_has_ended_before_signing(house: House) -> None:
    cryobags = journey.lot(house)
    kept = list(cryobags)
    cancelled, waiting = journey.enrolled(house), journey.enrolled(house, "58")
    dead = journey.ordered(house, cancelled)
    house.browser("doctor").did(dead, "cancel_order", reason="died")
    bag = journey.ordered(house, waiting)
    page = house.browser("monitor").get("/do/reconcile").text
    rows = signed_for(page)
    assert [code for code, _said, final in rows if final == "not final"] == [codes.group(waiting), codes.group(bag)]
    assert {code for code, _said, final in rows if final == "final"} == {codes.group(cancelled), codes.group(dead)}
    assert [final for *_said, final in rows] == ["not final"] * 2 + ["final"] * 2, "what has not ended comes first"
    assert "treatment bag cancelled final" in next(said for code, said, _final in rows if code == codes.group(dead))
    assert not any(codes.group(one) in page for one in kept)
    bench = house.browser("resp").get("/do/reconcile_sealed").text
    assert {code for code, _said, _final in signed_for(bench)} == {codes.group(one) for one in (*kept, dead, bag)}


def test_what_was_typed_into_a_reason_stays_text() -> None:
    said = links.linked('<b>"TBXK-JHRE-NPUD" TBXK-JHRE-NPUX ABCD-EFGH-IJKL')
    assert said.count("<a ") == 1
    assert said.startswith("&lt;b&gt;&#34;<a ")
    assert said.endswith("TBXK-JHRE-NPUX ABCD-EFGH-IJKL")


def test_more_codes_than_an_entry_can_hold_are_refused_on_record(house: House) -> None:
    shipper = house.fresh(codes.Kind.SHIPPER)
    bags = [house.fresh(codes.Kind.TREATMENT_BAG) for _ in range(5000)]
    page = house.browser("tech").step(shipper, "pack", bags=bags, seal="1", logger="2", logger_running="yes")
    assert page.status_code == 422
    assert any("at most 50" in text for text in errors(page.text))
    assert last(house, Plane.SEALED)["type"] == REFUSED


def test_what_was_typed_stays_in_a_refused_form_but_passwords_do_not(house: House) -> None:
    doctor = house.browser("doctor")
    wristband = house.fresh(codes.Kind.PARTICIPANT)
    page = doctor.step(wristband, "enrol", weight_g="seventy", consent="relative").text
    assert 'value="seventy"' in page
    assert 'value="relative" checked' in page
    assert PASSWORD not in page
    assert "a number was expected" in page


def test_a_form_sent_twice_is_one_step(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    path = f"/s/{wristband}/do/order"
    sent = dict(HIDDEN.findall(doctor.get(path).text)) | {"password": PASSWORD}
    first, second = doctor.client.post(path, data=sent), doctor.client.post(path, data=sent)
    assert first.status_code == second.status_code == 303
    with house.door.database.reading(Plane.OPEN) as connection:
        kept = house.door.stores[Plane.OPEN].thing(connection, wristband)
    assert kept is not None
    assert len(kept.thing.treatment_bags) == 1  # type: ignore[attr-defined]


def test_a_wrong_password_is_no_signature(house: House) -> None:
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    doctor = house.browser("doctor")
    page = doctor.step(bag, "cancel_order", reason="died", sign=False)
    assert page.status_code == 422
    path = f"/s/{bag}/do/cancel_order"
    sent = dict(HIDDEN.findall(doctor.get(path).text)) | {"reason": "died", "password": "not mine"}
    page = doctor.client.post(path, data=sent)
    assert page.status_code == 422
    assert any("not the password" in text for text in errors(page.text))


def test_a_step_beyond_ones_role_is_no_page_and_the_try_is_recorded(house: House) -> None:
    cryobags = journey.lot(house)
    nurse = house.browser("nurse")
    assert nurse.get(f"/s/{cryobags[0]}/do/thaw").status_code == 404
    sent = {"event": "0b6f7ca8-6e0e-4b52-a3a1-0d9f4c8a5f11", "cryobag": cryobags[0]}
    page = nurse.send(f"/s/{cryobags[0]}/do/thaw", sent)
    assert page.status_code == 422
    entry = last(house, Plane.OPEN)
    assert (entry["event"], entry["type"], entry["about"]) == (sent["event"], REFUSED, [])


def test_a_form_without_its_event_id_is_incomplete(house: House) -> None:
    wristband = journey.enrolled(house)
    assert house.browser("doctor").send(f"/s/{wristband}/do/order", {"participant": wristband}).status_code == 400


def test_the_dose_is_worked_out_before_the_eyes(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house, "70"))
    tech = house.browser("tech")
    reserve = tech.get(f"/s/{bag}/do/reserve").text
    assert codes.group(cryobags[0]) in reserve
    assert '70 <span class="unit">× 10⁶' in reserve
    tech.did(bag, "reserve", cryobags=cryobags[0])
    assert "Thaw and count first" in tech.get(f"/s/{bag}/do/dilute").text
    end = house.clock.advance(minutes=30)
    tech.did(cryobags[0], "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    tech.did(cryobags[0], "count", viable_cells_per_ml="5", volume_ul="20", viability_permille="91")
    page = tech.get(f"/s/{bag}/do/dilute").text
    assert '14 <span class="unit">ml' in page
    assert '236 <span class="unit">ml' in page


def test_a_form_says_whether_its_things_have_to_be_in_the_hand(house: House) -> None:
    """So that an old draft of it is not shown again: `draft.js`."""
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    assert " data-in-hand>" in tech.get(f"/s/{cryobags[0]}/do/thaw").text
    assert " data-in-hand>" not in tech.get(f"/s/{bag}/do/reserve").text


def test_a_cryobag_to_take_expires_when_its_own_page_says_so(house: House) -> None:
    """Midnight here is still the day before in UTC."""
    day = house.clock.now().astimezone(ZoneInfo("Europe/Paris")) + timedelta(days=400)
    facts = journey.lot_facts(house) | {"expires_at": day.replace(hour=0, minute=0)}
    cryobags = journey.lot(house, facts=facts)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    said = re.findall(r"\d{4}-\d\d-\d\d 00:00 CES?T", tech.get(f"/s/{cryobags[0]}").text)
    assert len(said) == 1
    assert f"Expires {said[0]}<" in tech.get(f"/s/{bag}/do/reserve").text


def test_a_result_in_percent_can_be_entered_and_corrected(house: House) -> None:
    journey.lot(house)
    tech, after = house.browser("tech"), "A999926000124"
    now = house.clock.now()
    tech.did(
        after,
        "register_lot",
        product_code="100%s",
        donor="D-17",
        tissue="bone marrow",
        manufactured_on="2026-01-12",
        expires_at=now + timedelta(days=400),
        cryobags="1",
        cells_per_cryobag="120",
        expected_viability_permille="85",
    )
    for test in house.door.protocol.qc:
        assert tech.get(f"/s/{after}/do/record_qc?test={test.code}").status_code == 200
    with house.door.database.reading(Plane.SEALED) as connection:
        store = house.door.stores[Plane.SEALED]
        event = decode(store.entry(connection, store.mentions(connection, after)[0]))["event"]
    page = tech.get(f"/do/correct_sealed?event={event}").text
    assert "Product code: 100%s" in page
    assert "Viability expected after thaw: 85 %" in page


def hidden(page: str) -> dict[str, str]:
    return dict(HIDDEN.findall(page))


def test_a_refused_result_stays_one_of_its_test_with_its_unit(house: House) -> None:
    journey.lot(house)
    tech, din = house.browser("tech"), "A999926000125"
    tech.did(din, "register_lot", **journey.lot_facts(house))
    asked = tech.get(f"/s/{din}/do/record_qc?test=viability").text
    refused = tech.step(din, "record_qc?test=viability", result="much")
    assert refused.status_code == 422
    assert errors(refused.text) == ["Viability after thaw: a number was expected, much found."]
    for page in (asked, refused.text):
        assert hidden(page)["test"] == "viability"
        assert 'type="radio"' not in page
        assert '<span class="unit">%</span>' in page
    sent = {**hidden(refused.text), "lot": din, "result": "91.5"}
    assert tech.client.post(f"/s/{din}/do/record_qc", data=sent).status_code == 303
    assert re.search(r"Viability after thaw</span>\s*<span class=\"card-line\">91.5 %<", tech.get(f"/s/{din}").text)


def test_a_lot_that_is_expired_already_is_registered_only_when_it_is_signed_to_be_so(house: House) -> None:
    tech, din = house.browser("tech"), "A999926000125"
    expired = journey.lot_facts(house) | {"expires_at": house.clock.now() - timedelta(days=1)}
    asked = tech.step(din, "register_lot", sign=False, **expired)
    assert asked.status_code == 422
    assert f"{din} expired on 2026-03-09" in asked.text.partition("data-told")[2]
    tech.did(din, "register_lot", beyond=hidden(asked.text)["beyond"], **expired)


def test_no_form_takes_a_result_before_its_test_is_known(house: House) -> None:
    journey.lot(house)
    tech = house.browser("tech")
    for address in ("record_qc", "record_qc?test="):
        answer = tech.get(f"/s/{journey.DIN}/do/{address}")
        assert (answer.status_code, answer.location) == (302, f"/s/{journey.DIN}")


def test_a_test_that_is_repeated_says_why_and_the_lots_history_tells_both_results(house: House) -> None:
    journey.lot(house)
    tech, after = house.browser("tech"), "A999926000124"
    lot = {"product_code": "S1", "donor": "D", "tissue": "bone marrow", "manufactured_on": "2026-01-12"}
    cells = {"cryobags": "1", "cells_per_cryobag": "120", "expected_viability_permille": "85"}
    tech.did(after, "register_lot", expires_at=house.clock.now() + timedelta(days=400), **lot, **cells)
    tech.did(after, "record_qc?test=viability", result="60")
    again = tech.step(after, "record_qc?test=viability", result="95")
    assert errors(again.text) == ["Viability after thaw has a result already: give the reason for another."]
    tech.did(after, "record_qc?test=viability", result="95", reason="the stain had expired")
    said = re.sub(r"<[^>]+>|\s+", " ", house.browser("resp").get(f"/s/{after}/history").text)
    for expected in ("Result: 60 %", "Result: 95 %", "Reason: the stain had expired"):
        assert expected in said, expected


@pytest.mark.parametrize(
    ("login", "steps", "closer", "plane"),
    [
        ("nurse", ("raise_deviation", "close_deviation"), "monitor", Plane.OPEN),
        ("tech", ("raise_bench_deviation", "close_bench_deviation"), "resp", Plane.SEALED),
    ],
)
def test_cause_and_action_of_a_deviation_are_shown_and_stand_in_the_form_that_closes_it(
    house: House, login: str, steps: tuple[str, str], closer: str, plane: Plane
) -> None:
    raises, closes = steps
    house.browser(login).did("", raises, what="late", cause="a flat tyre", action="a second car")
    code = str(last(house, plane)["payload"]["deviation"])  # type: ignore[index]
    browser = house.browser(closer)
    form = browser.get(f"/s/{code}/do/{closes}").text
    assert facts(form) >= {("About", "trial"), ("What happened", "late"), ("Raised by", login.title())}, (
        "it is read before it is signed"
    )
    assert ("Cause", "a flat tyre") not in facts(form)
    assert 'name="cause" value="a flat tyre"' in form
    assert 'name="action" value="a second car"' in form
    assert facts(browser.get(f"/s/{code}").text) >= {("Cause", "a flat tyre"), ("Action", "a second car")}
    browser.did(code, closes, cause="a worn tyre", action="a second car")
    shown = facts(browser.get(f"/s/{code}").text)
    assert ("Cause", "a worn tyre") in shown
    assert {label for label, _value in shown} >= {"Raised by", "Closed by"}
    assert browser.get(f"/s/{code}/do/{closes}").headers["Location"] == f"/s/{code}", "it is closed already"


def test_a_text_that_is_too_long_is_refused_in_words_and_comes_back_whole(house: House) -> None:
    nurse = house.browser("nurse")
    assert "maxlength" not in nurse.get("/do/raise_deviation").text
    answer = nurse.step("", "raise_deviation", what="x" * 501)
    assert answer.status_code == 422
    assert errors(answer.text) == ["What happened: at most 500 characters, 501 found."]
    assert "x" * 501 in answer.text
    for path in ("/", "/sign-in", f"/s/{house.people['nurse']}/password"):
        assert "maxlength" not in nurse.get(path).text, path


@pytest.mark.parametrize(("status", "held"), [("received", True), ("destroyed", False), ("cancelled", False)])
def test_nobody_holds_a_bag_that_was_destroyed(house: House, status: str, held: bool) -> None:
    now = house.clock.now()
    bag = TreatmentBag(
        code="T", status=status, participant="P", weight_g=70_000, ready_at=now, expires_at=now, custodian="B"
    )
    with house.app.test_request_context():
        g.person = Person(code="X", status="active", name="Ines", role="inspector")
        facts = Showing(house.door.protocol, "", lambda _code: "Hugo", lambda _code: "").facts(bag)
        assert ("Hugo" in [fact.value for fact in facts]) == held
        assert ("Hugo" in offers.awaited([bag], lambda _code: "Hugo")) == held


def test_who_sees_the_arm_is_told_where_the_ward_reads_what_they_write(house: House) -> None:
    """At every step of the open plane, for nobody else, and not where a number is asked for."""
    told = ">The ward reads this: no word on the content.</p>"
    bag, shipper = house.fresh(codes.Kind.TREATMENT_BAG), house.fresh(codes.Kind.SHIPPER)
    tech = house.browser("tech")
    tech.did("", "raise_deviation", what="late")
    entry = last(house, Plane.OPEN)
    deviation = entry["payload"]["deviation"]  # type: ignore[index]
    forms = {
        "/do/raise_deviation": 3,
        f"/do/correct?event={entry['event']}&field=what": 2,
        f"/s/{bag}/do/destroy_bag": 1,
        f"/s/{bag}/do/refuse_bag_handoff": 1,
        f"/s/{shipper}/do/refuse_handoff": 1,
        f"/s/{shipper}/do/unpack": 1,
        f"/s/{shipper}/do/pack": 0,
        f"/s/{bag}/do/discard_preparation": 0,
        "/do/raise_bench_deviation": 0,
    }
    assert {path: tech.get(path).text.count(told) for path in forms} == forms
    assert house.browser("resp").get(f"/s/{deviation}/do/close_deviation").text.count(told) == 2
    assert "Le service lit ceci" in house.browser("tech", "fr").get("/do/raise_deviation").text
    for login, path in (("nurse", "/do/raise_deviation"), ("monitor", f"/s/{deviation}/do/close_deviation")):
        assert told not in house.browser(login).get(path).text


def test_the_correction_of_a_sealed_record_is_a_sealed_one_whatever_link_led_there(house: House) -> None:
    tech = house.browser("tech")
    journey.lot(house, cryobags=1)
    [link] = re.findall(r'href="/do/correct_sealed\?event=([^"]+)"', tech.get(f"/s/{journey.DIN}/history").text)[:1]
    answer = tech.get(f"/do/correct?event={link}")
    assert (answer.status_code, answer.location) == (302, f"/do/correct_sealed?event={link}")
    right = {"value": "D-18", "reason": "read again"}
    told = tech.step("", f"correct_sealed?event={link}&field=donor", **right)
    assert "The lot was released on the former value:" in told.text
    tech.did("", f"correct_sealed?event={link}&field=donor", **right, beyond=hidden(told.text)["beyond"])
    assert "Release the lot" in house.browser("resp").get(f"/s/{journey.DIN}").text, "its release fell"
    for login in ("resp", "nurse", "admin"):
        assert house.browser(login).get(f"/do/correct?event={link}").status_code == 404


def facts(page: str) -> set[tuple[str, str]]:
    """Give each fact of a thing's page: its name and its value."""
    return {(label, value.strip()) for label, value in re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)", page)}


def test_a_record_is_corrected_from_its_history(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    [link] = re.findall(r'href="/do/(correct\?event=[^"]+)"', doctor.get(f"/s/{wristband}/history").text)
    page = doctor.get(f"/do/{link}").text
    assert "Weight: 70 kg" in page
    assert "Wristband:" not in page
    one = doctor.get(f"/do/{link}&field=weight_g").text
    assert re.search(r">Right value</label>", one), "it is not optional"
    assert '<span class="unit">kg</span>' in one
    assert f"Enrol a participant, {codes.group(wristband)}, 2026-03-10" in page
    assert house.browser("nurse").get(f"/do/{link}").status_code == 404
    assert [doctor.get(f"/do/correct{event}").status_code for event in ("", "?event=garbage")] == [404, 404]
    doctor.did("", f"{link}&field=weight_g", value="71", reason="the scales were read again")
    assert "71 kg" in doctor.get(f"/s/{wristband}").text
    for login in ("nurse", "inspector"):
        history = house.browser(login).get(f"/s/{wristband}/history").text
        assert "/do/correct" not in history
        assert "Weight: 70 kg → 71 kg" in history
        assert "Reason: the scales were read again" in history
        assert len(re.findall(r"corrected 2026-03-10 \d\d:\d\d CET", history)) == 1


def test_a_right_value_is_entered_as_the_wrong_one_was(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    tech = house.browser("tech")

    def link_of(label: str) -> str:
        links = re.findall(r'href="/do/(correct_sealed\?event=[^"]+)"', tech.get(f"/s/{bag}/history").text)
        return next(one for one in links if label in tech.get(f"/do/{one}").text)

    ended = f"{link_of('Dilution ended')}&field=ended_at"
    assert '<input type="datetime-local" id="f-value"' in tech.get(f"/do/{ended}").text
    here = (house.clock.now() + timedelta(hours=1, minutes=-2)).strftime("%Y-%m-%dT%H:%M")
    done = tech.did("", ended, value=here, reason="the clock was read again")
    assert done.location.startswith(f"/s/{bag}/history?did=correct_sealed")
    history = tech.get(done.location).text
    assert "Recorded: Correct a sealed record" in history
    assert f"→ {here.replace('T', ' ')} CET" in history
    covered = tech.get(f"/do/{link_of('Opaque cover')}&field=cover_on").text
    assert re.findall(r'type="radio" name="value" value="(\w+)"', covered) == ["yes", "no"]
    wrong = tech.step("", f"{link_of('Albumin')}&field=albumin_ul", value="much", reason="x").text
    assert '<input type="hidden" name="field" value="albumin_ul">' in wrong
    assert '<p class="label">Record</p>' not in wrong
    assert ">Record</label>" not in wrong


def test_a_record_that_is_corrected_already_is_named_and_linked(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    [link] = re.findall(r'href="/do/(correct\?event=[^"]+)"', doctor.get(f"/s/{wristband}/history").text)
    doctor.did("", f"{link}&field=weight_g", value="71", reason="the scales were read again")
    event = link.partition("=")[2]
    again = doctor.step("", f"{link}&field=weight_g", value="72", reason="and again").text
    [said] = re.findall(r"<li>(.*?correct that correction\.)</li>", again)
    called, address = re.search(r'<a href="([^"]+)">([^<]+)</a>', said).group(2, 1)  # type: ignore[union-attr]
    assert address == f"/s/{wristband}/history#{event}"
    assert called.startswith(f"Enrol a participant, {codes.group(wristband)}, 2026-03-10 ")
    assert event not in re.sub(r"<[^>]+>", "", said)
    assert f'<tr id="{event}"' in doctor.get(f"/s/{wristband}/history").text


def test_a_truth_out_of_its_limit_is_told_before_and_after_it_goes_on_record(house: House) -> None:
    cryobags = journey.lot(house)
    first = cryobags[0]
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    tech = house.browser("tech")
    links = re.findall(r'href="/do/(correct_sealed\?event=[^"]+)"', tech.get(f"/s/{first}/history").text)
    link = next(one for one in links if "Water bath" in tech.get(f"/do/{one}").text)
    link += "&field=bath_dc"
    given = {"value": "55", "reason": "the display was misread"}
    said = "55 °C is outside 35 to 39 °C."
    asked = tech.step("", link, **given)
    assert asked.status_code == 422
    assert said in asked.text
    assert 'value="the display was misread"' in asked.text
    assert said not in tech.get(f"/s/{first}/history").text
    assert tech.step("", link, **given, beyond="54").status_code == 422, "another value is told of anew"
    unsigned = tech.step("", link, sign=False, **given, beyond="55").text
    assert errors(unsigned) == ["Your signature is missing: re-enter your password."]
    assert '<input type="hidden" name="beyond" value="55">' in unsigned
    done = tech.step("", link, **given, beyond="55")
    assert done.status_code == 303
    after = tech.get(done.location).text
    assert said in after
    assert f'href="/do/raise_bench_deviation?about={first}"' in after
    assert f"Out of its limit: {said}" in tech.get(f"/s/{first}/history").text
    event = done.location.partition("event=")[2]
    assert said not in house.browser("nurse").get(f"/?did=correct_sealed&event={event}").text
    assert "Out of its limit" not in tech.get(f"/?did=thaw&event={event}").text


def test_a_bath_out_of_its_limits_goes_on_record_signed_with_its_deviation(house: House) -> None:
    [first, _second] = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=first)
    assert "Finish the dilution at 10:16 CET at the earliest." in tech.get(f"/s/{first}/do/thaw").text
    house.clock.advance(minutes=10)
    end = house.clock.now()
    bath = {"started_at": end - timedelta(minutes=4), "ended_at": end, "bath_dc": "42"}
    asked = tech.step(first, "thaw", sign=False, **bath)
    assert asked.status_code == 422
    assert "42 °C is outside 35 to 39 °C." in asked.text
    assert "“This is how it was, out of its limit: a deviation is raised.”" in asked.text
    agreed = {"beyond": hidden(asked.text)["beyond"]}
    assert tech.step(first, "thaw", sign=False, **bath, **agreed).status_code == 422, "it is signed"
    assert tech.step(first, "thaw", **{**bath, "bath_dc": "43"}, **agreed).status_code == 422, "another is told of anew"
    done = tech.did(first, "thaw", **bath, **agreed)
    after = tech.get(done.location).text
    assert "a deviation is raised:" in after
    assert "42 °C is outside 35 to 39 °C." in tech.get("/worklist").text, "it is open until it is closed"
    assert f'href="/s/{first}/do/count"' in after
    assert f'href="/s/{first}/do/destroy_cryobag"' in after
    assert "Out of its limit: 42 °C is outside 35 to 39 °C." in tech.get(f"/s/{first}/history").text


def test_who_corrects_a_drawn_volume_is_told_of_dose_and_volume(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    tech = house.browser("tech")
    links = re.findall(r'href="/do/(correct_sealed\?event=[^"]+)"', tech.get(f"/s/{bag}/history").text)
    link = next(one for one in links if "Suspension drawn" in tech.get(f"/do/{one}").text)
    asked = tech.step("", f"{link}&field=drawn_ul", value="11", reason="read again").text
    told = asked.partition("data-told")[2].partition("</ul>")[0]
    assert "Dose 110 × 10⁶ cells; 70 × 10⁶ ± 10 % is asked for." in told
    assert "Volume" not in told
    assert tech.step("", f"{link}&field=drawn_ul", value="99", reason="read again").text.count("<li>") >= 2


def test_a_right_value_within_its_limits_is_asked_once(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    [link] = re.findall(r'href="/do/(correct\?event=[^"]+)"', doctor.get(f"/s/{wristband}/history").text)
    link += "&field=weight_g"
    heavy = {"value": "400", "reason": "read again"}
    assert "400 kg is outside" in doctor.step("", link, **heavy).text
    done = doctor.step("", link, **{**heavy, "value": "80"})
    assert done.status_code == 303
    assert "Out of its limit" not in doctor.get(done.location).text


def test_what_is_wrong_after_a_correction_is_corrected_in_the_correction(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    for value in ("71", "72"):
        [link] = re.findall(r'href="/do/(correct\?event=[^"]+)"', doctor.get(f"/s/{wristband}/history").text)
        doctor.did("", f"{link}&field=weight_g", value=value, reason=f"it was {value}")
    history = doctor.get(f"/s/{wristband}/history").text
    assert "Weight: 70 kg → 71 kg" in history
    assert "Weight: 71 kg → 72 kg" in history
    assert "72 kg" in doctor.get(f"/s/{wristband}").text


def test_a_history_tells_all_that_a_step_recorded_and_where_it_stands(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    nurse.did(bag, "observe", due_min="0", reaction="mild", words="50 % <b>", **journey.SIGNS)
    said = re.sub(r"<[^>]+>|\s+", " ", house.browser("inspector").get(f"/s/{bag}/history").text)
    for expected in (
        "Due at: 0 min",
        "Heart rate: 110 /min",
        "Temperature: 38.2 °C",
        "Reaction: mild",
        "50 % &lt;b&gt;",
    ):
        assert expected in said, expected
    assert "Opaque cover on bag and line: Yes" in said
    assert re.search(r"open log, entry \d+, [0-9a-f-]{36}", said)
    assert re.search(r"Signed: Nurse, ICU nurse: “I start this infusion.” 2026-03-10", said)
    assert "sealed log" not in said
    bench = re.sub(r"<[^>]+>|\s+", " ", house.browser("inspector_unblinded").get(f"/s/{bag}/history").text)
    assert "sealed log, entry" in bench
    assert "Suspension drawn: 7 ml" in bench


def test_a_history_names_the_place_where_a_cryobag_was_stored(house: House) -> None:
    cryobag = journey.lot(house)[0]
    tech = house.browser("tech")
    with house.door.database.reading(Plane.SEALED) as connection:
        places = [kept.thing for kept in house.door.stores[Plane.SEALED].find(connection, "location", "occupied")]
    place = next(one for one in places if isinstance(one, Location) and one.cryobag == cryobag)
    said = " ".join(re.sub(r"<[^>]+>", " ", tech.get(f"/s/{cryobag}/history").text).split())
    assert f"Location: {place.name} {codes.group(place.code)} Record" in said


def test_a_reaction_between_two_minutes_is_recorded_now_and_not_scheduled(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    nurse.did(bag, "observe", due_min="0", reaction="none", **journey.SIGNS)
    house.clock.advance(minutes=7)
    form = nurse.get(f"/s/{bag}/do/observe").text
    assert re.search(r'name="due_min" value="" checked required>\s*<span>Now, not scheduled</span>', form)
    early = nurse.step(bag, "observe", due_min="15", reaction="mild", **journey.SIGNS)
    assert any("record it as not scheduled" in text for text in errors(early.text))
    nurse.did(bag, "observe", due_min="", reaction="serious", **journey.SIGNS)
    said = re.sub(r"<[^>]+>|\s+", " ", house.browser("inspector").get(f"/s/{bag}/history").text)
    assert "Due at: Now, not scheduled" in said
    house.clock.advance(minutes=8)
    assert 'observe?due_min=15"' in nurse.get(f"/s/{bag}").text


def test_a_record_without_anything_to_correct_offers_no_correction(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    assert "/do/correct" not in house.browser("doctor").get(f"/s/{bag}/history").text


def test_no_field_is_sent_under_a_name_of_the_envelope() -> None:
    with_forms = (command for name, command in STEPS.items() if name not in step.ELSEWHERE)
    names = {intake.SENT_AS.get(name, name) for command in with_forms for name, _ in fields_of(command)}
    assert names.isdisjoint(intake.ENVELOPE.fields)
    assert names.isdisjoint({"csrf_token"})


def test_who_gives_sees_the_handoff_and_who_does_not_hold_it_sees_the_refusal(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    assert f"/s/{shipper}/do/hand_over" in house.browser("tech").get(f"/s/{shipper}").text
    courier = house.browser("courier").get(f"/s/{shipper}").text
    assert f"/s/{shipper}/do/hand_over" not in courier
    assert f"/s/{shipper}/do/refuse_handoff" in courier


def test_a_time_long_over_is_refused_where_nothing_held_the_form_up(house: House) -> None:
    doctor = house.browser("doctor")
    wristband = journey.enrolled(house)
    before = house.clock.now() - timedelta(hours=3)
    [said] = errors(doctor.step(wristband, "order", occurred_at=before).text)
    assert said.startswith(
        "This device says that it was done at 2026-03-10 06:00 CET, the server that it is 2026-03-10 09:00 CET, and "
        "nothing held it up: set the clock"
    )
    doctor.did(wristband, "order", occurred_at=before, held_up="yes")
    assert last(house, Plane.OPEN)["occurred_at"] == "2026-03-10T05:00:00.000000Z"


def test_a_clock_that_is_ahead_is_named_with_what_to_do(house: House) -> None:
    wristband = journey.enrolled(house)
    ahead = house.clock.now() + timedelta(minutes=3)
    [said] = errors(house.browser("doctor").step(wristband, "order", occurred_at=ahead).text)
    assert said.startswith("By this device it is 2026-03-10 09:03 CET, by the server 2026-03-10 09:00 CET: set")


def figures(page: str) -> list[str]:
    """Give the big numbers of a page."""
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in FIGURE.findall(page)]


@pytest.mark.parametrize("step", ["return_bag", "destroy_bag"])
def test_whoever_accounts_for_a_bag_sees_what_was_given_of_it(house: House, step: str) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=30)
    nurse = house.browser("nurse")
    nurse.did(bag, "stop_infusion", given_ul="248", reason="complete")
    assert figures(nurse.get(f"/s/{bag}/do/{step}").text) == ["Volume 250 ml", "Volume given 248 ml"]


def test_no_clock_holds_up_a_code_break(house: House) -> None:
    doctor = house.browser("doctor")
    wristband = journey.enrolled(house)
    doctor.did(wristband, "order")
    before = house.clock.now() - timedelta(hours=3)
    doctor.did(wristband, "break_code", why="reaction", occurred_at=before)


@pytest.mark.parametrize("arms", [("MSC", "PLACEBO"), ("PLACEBO", "MSC")])
def test_before_an_order_is_signed_stands_whose_it_is_and_what_in_both_arms(
    tmp_path: Path, arms: tuple[str, ...]
) -> None:
    house = houses.build(tmp_path, arms=arms)
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    page = doctor.get(f"/s/{wristband}/do/order").text
    assert figures(page) == [
        "Participant NAN-001",
        "Weight 70 kg",
        "Site NAN Réanimation médicale, Hôpital Central, Nancy",
        "What is ordered 250 ml Allogeneic mesenchymal stem cells in albumin or Albumin alone",
    ]
    assert "“I order this preparation.”" in page
    assert errors(doctor.step(wristband, "order", sign=False).text) == [
        "Your signature is missing: re-enter your password."
    ]
    doctor.did(wristband, "order")
    house.door.database.close()


def test_what_is_wrong_beside_a_field_alone_is_said_at_the_top_too(house: House) -> None:
    """On a telephone the field may be out of sight."""
    bag, wristband, _shipper = journey.on_ward(house)
    answer = house.browser("nurse").step(bag, "bedside_check", "nurse2", cover_on="yes", central_line="yes")
    assert answer.status_code == 422
    top = answer.text.partition("data-errors")[2].partition("</section>")[0]
    assert "Not recorded" in top
    assert "See what is marked below." in top
    answer = house.browser("nurse").step(bag, "bedside_check", wristband=wristband, cover_on="yes", central_line="yes")
    assert "See what is marked below." not in answer.text, "what failed as a whole stands there itself"
