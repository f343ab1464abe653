"""The scan page: what is this, and what may I do with it."""

from __future__ import annotations

from io import BytesIO

import pytest
from markupsafe import escape

from custody import codes
from custody.labelling import designs, fill
from tests.web import journey
from tests.web.house import House, errors


def test_a_scan_by_script_answers_what_it_is(house: House) -> None:
    wristband = journey.enrolled(house)
    answer = house.browser("nurse").scan(wristband)
    assert answer.status_code == 200
    assert answer.json == {
        "ok": True,
        "kind": "participant",
        "code": wristband,
        "typed": codes.group(wristband),
        "title": "Participant NAN-001",
        "url": f"/s/{wristband}",
        "note": "",
    }


VIAL_SAID = "batch ALB77 · serial number S1 · expires 2027-12-31"


@pytest.mark.parametrize(
    ("text", "title", "typed"),
    [
        ("nurse2", "Nurse2, ICU nurse", ""),
        ("place", "Location Tank 1, place 0", ""),
        ("new shipper", "Shipper", ""),
        ("]d201032050000040041727123110ALB77\x1d21S1", "Albumin vial", VIAL_SAID),
        ("(01)03205000004004(10)ALB77", "Albumin vial", "batch ALB77"),
    ],
)
def test_what_was_scanned_is_named_as_people_call_it(house: House, text: str, title: str, typed: str) -> None:
    ours = {
        "nurse2": house.people["nurse2"],
        "place": house.locations[0],
        "new shipper": house.fresh(codes.Kind.SHIPPER),
    }
    asked = {"raw": ours.get(text, text), "expects": "person,location,shipper,albumin_vial"}
    answer = house.browser("tech").send("/scan", asked, headers={"Accept": "application/json"}).json
    assert answer is not None
    assert answer["title"] == title
    assert answer["typed"] == (typed or codes.group(ours[text]))


def test_a_field_that_takes_anything_says_so(house: House) -> None:
    wristband = journey.enrolled(house)
    nurse = house.browser("nurse")
    answer = nurse.send("/scan", {"raw": wristband, "expects": "any"}, headers={"Accept": "application/json"})
    assert answer.json is not None
    assert answer.json["code"] == wristband
    assert 'data-scan="any"' in nurse.get("/do/raise_deviation").text


def test_a_printed_qr_opens_the_thing_from_any_phone(house: House) -> None:
    wristband = journey.enrolled(house)
    nurse = house.browser("nurse")
    assert nurse.scan(codes.url(wristband)).json["code"] == wristband  # type: ignore[index]
    assert nurse.get(f"/S/{wristband}").headers["Location"] == f"/s/{wristband}"


def test_what_another_keyboard_made_of_a_code_is_shown_and_not_taken(house: House) -> None:
    answer = house.browser("tech").scan("HTTPSÖ--CUSTODZ.EXAMPLE-S-TNRUJUDFSCVJ").json
    assert answer is not None
    assert answer["reason"] == "wrong_keyboard"
    assert answer["advice"].endswith("This computer is set to QWERTZ; it seems to say TNRU-JUDF-SCVJ.")
    assert "code" not in answer


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("TBXKJHRENPUC"[:-1], "truncated"),
        ("TBXKJHRENPUCC", "wrong_length"),
        ("TBXKJHRENPUB", "wrong_check_symbol"),
        ("HELLO WORLD!", "foreign_symbol"),
        ("(01)09521234543214(17)280101(10)ALB1(21)1", "wrong_article"),
        ("https://evil.example/PFGX-AAAA-BBBB", "foreign_link"),
        ("HTTPSM!!CUSTODY.EXAMPLE!S!TBXKJHRENPUC", "wrong_keyboard"),
        ("HTTPSM!!CUSTODY:EXQ;PLE!S!TNRUJUDFSCVJ", "wrong_keyboard"),
        ("HTTPS://CUSTODY.EX", "truncated"),
        ("HTTPS://CUSTODY.OTHER/S/TNRU", "truncated"),
        ("(8018)123456789012345675", "recipient_gsrn"),
        ("&/CHA999926000042", "chain_of_identity"),
    ],
)
def test_a_wrong_scan_says_why_and_what_to_do(house: House, text: str, reason: str) -> None:
    tech = house.browser("tech")
    answer = tech.scan(text)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["reason"] == reason
    assert answer.json["text"]
    assert answer.json["advice"]
    page = tech.send("/scan", {"raw": text})
    assert page.status_code == 422
    assert escape(answer.json["text"]) in page.text


def test_a_new_label_of_another_service_is_somebody_else_s_and_one_on_record_is_ours(house: House) -> None:
    wristband, fresh = journey.enrolled(house), house.fresh(codes.Kind.PARTICIPANT)
    doctor, elsewhere = house.browser("doctor"), "https://custody.elsewhere"
    answer = doctor.scan(codes.url(fresh, elsewhere)).json
    assert answer is not None
    assert (answer["reason"], "custody.elsewhere" in answer["text"]) == ("someone_elses", True)
    for text in (codes.url(wristband, elsewhere), codes.url(fresh), codes.url(fresh, "http://localhost"), fresh):
        assert doctor.scan(text).json["ok"], text  # type: ignore[index]
    page = doctor.step(fresh, "enrol", participant=codes.url(fresh, elsewhere), weight_g="70")
    assert page.status_code == 422
    assert f"The label of {codes.group(fresh)} is of another service, custody.elsewhere: look for ours." in errors(
        page.text
    )


def test_a_sealed_code_on_another_service_s_label_is_as_unknown_as_any_to_the_blinded(house: House) -> None:
    [cryobag, *_] = journey.lot(house)
    fresh, link = house.fresh(codes.Kind.CRYOBAG), "https://custody.elsewhere"
    for login in ("nurse", "courier", "monitor"):
        browser = house.browser(login)
        known, none = browser.scan(codes.url(cryobag, link)), browser.scan(codes.url(fresh, link))
        assert known.text.replace(cryobag, "*") == none.text.replace(fresh, "*")
    assert house.browser("tech").scan(codes.url(cryobag, link)).json["ok"]  # type: ignore[index]


def test_a_vial_that_is_expired_or_for_another_trial_is_said_to_be_on_any_page(house: House) -> None:
    tech = house.browser("tech")
    asked = {"expects": "albumin_vial", "raw": "(01)03205000004004(10)ALB77(7240)NCT99999999"}
    answer = tech.send("/scan", asked, headers={"Accept": "application/json"}).json
    assert answer is not None
    said = "ALB77 is for another trial, NCT99999999; this one is CHOCMSC."
    assert (answer["reason"], answer["text"]) == ("other_trial", said)
    assert house.browser("nurse").scan(asked["raw"]).json["text"] == said, "the label says so to everybody"  # type: ignore[index]
    asked["raw"] = "(01)03205000004004(10)ALB77(21)S1(7003)2603100800"
    answer = tech.send("/scan", asked, headers={"Accept": "application/json"}).json
    assert answer is not None
    assert (answer["reason"], answer["text"]) == ("vial_expired", "Vial ALB77 · S1 expired on 2026-03-10 08:00.")


def test_what_is_unknown_is_told_with_whom_to_turn_to(house: House) -> None:
    code = house.fresh(codes.Kind.TREATMENT_BAG)
    advice = {login: house.browser(login).scan(code).json["advice"] for login in ("tech", "nurse")}  # type: ignore[index]
    assert advice["nurse"].endswith("If it does, call the cell therapy unit.")
    assert advice["tech"].endswith("If it does, raise a deviation."), "who is the unit does not call it"


def test_a_vial_that_nobody_used_yet_is_told_to_the_bench_and_to_nobody_else(house: House) -> None:
    raw = "01032050000040041727123110ALB77\x1d21S1"
    answers = {login: house.browser(login).scan(raw).json for login in ("tech", "resp", "nurse")}
    for login in ("tech", "resp"):
        assert (answers[login]["reason"], answers[login]["text"]) == ("unknown", f"Albumin vial: {VIAL_SAID}.")  # type: ignore[index]
        assert "on the page of the dilution" in answers[login]["advice"]  # type: ignore[index]
    assert answers["nurse"]["text"] == "03205000004004/ALB77/S1 is not known here."  # type: ignore[index]


def test_a_vial_that_expired_since_it_was_used_on_paper_is_taken_as_of_then(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    raw = "(01)03205000004004(17)260309(10)ALB77(21)S1"
    now = fits(house, "tech", raw, "dilute", bag, "vials", treatment_bag=bag)
    assert now["reason"] == "vial_expired"
    asked = {"raw": raw, "expects": "albumin_vial", "done_at": "2026-03-09T23:50"}
    then = house.browser("tech").send("/scan", asked, headers={"Accept": "application/json"}).json
    assert then is not None
    assert (then["ok"], then["note"]) == (True, "")


def test_the_right_thing_in_the_wrong_state_is_not_put_aside(house: House) -> None:
    cryobag, other, *_rest = journey.lot(house, cryobags=3)
    bag = journey.ordered(house, journey.enrolled(house))
    house.browser("tech").did(bag, "reserve", cryobags=cryobag)
    early = fits(house, "tech", cryobag, "count", cryobag, "cryobag")
    assert (early["reason"], early["advice"]) == (
        "does_not_fit",
        "It is the one of this page, but not now: its own page says what comes next.",
    )
    assert fits(house, "tech", other, "count", cryobag, "cryobag")["advice"] == "Put it aside and scan the right one."


def test_codes_of_one_kind_stand_under_one_name_on_a_page(house: House) -> None:
    cryobags = journey.lot(house, cryobags=3)
    page = house.browser("tech").get(f"/s/{journey.DIN}").text
    assert page.count("<dt>Cryobags</dt>") == 1
    assert all(f'<dd><a class="code" href="/s/{code}">' in page for code in cryobags)
    assert page.count("<dd>") == page.count("</dd>")
    assert page.count("<dl") == page.count("</dl>")


def test_a_batch_that_may_have_swallowed_what_followed_it_is_to_be_compared(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    lost = fits(house, "tech", "01032050000040041727123110ALB7721S1", "dilute", bag, "vials", treatment_bag=bag)
    assert (lost["ok"], lost["typed"]) == (True, "batch ALB7721S1 · expires 2027-12-31")
    assert lost["note"] == "Compare the batch with the vial: the scanner may have lost the separator after it."
    kept = "01032050000040041727123110ALB77\x1d21S1"
    assert fits(house, "tech", kept, "dilute", bag, "vials", treatment_bag=bag)["note"] == ""


def test_what_is_past_its_expiry_or_another_ward_s_says_so_at_the_scan(house: House) -> None:
    cryobag = journey.lot(house)[0]
    wristband = journey.enrolled(house)
    assert house.browser("tech").scan(cryobag).json["note"] == ""  # type: ignore[index]
    house.clock.advance(days=500)
    noted = house.browser("tech").scan(cryobag).json["note"]  # type: ignore[index]
    assert noted == f"{codes.group(cryobag)} expired on 2027-04-14 10:00 CEST."
    assert "expired" in house.browser("tech").get(f"/s/{cryobag}").text
    faraway = house.browser("faraway", "fr")
    assert "Dijon" in faraway.scan(wristband).json["note"]  # type: ignore[index]
    assert house.browser("nurse").scan(wristband).json["note"] == ""  # type: ignore[index]


def test_a_scan_of_another_kind_than_asked_for_is_wrong(house: House) -> None:
    wristband = journey.enrolled(house)
    nurse = house.browser("nurse")
    answer = nurse.send("/scan", {"raw": wristband, "expects": "treatment_bag"}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["text"] == "Wrong thing: participant."


def test_a_sealed_code_and_an_unknown_one_get_one_answer_from_the_blinded(house: House) -> None:
    cryobag = journey.lot(house)[0]
    unknown = house.fresh(codes.Kind.CRYOBAG)
    for login in ("nurse", "doctor", "courier", "monitor", "inspector", "admin"):
        browser = house.browser(login)
        known, none = browser.scan(cryobag), browser.scan(unknown)
        assert known.status_code == none.status_code == 422
        assert known.text.replace(codes.group(cryobag), "*").replace(cryobag, "*") == none.text.replace(
            codes.group(unknown), "*"
        ).replace(unknown, "*")
        assert browser.get(f"/s/{cryobag}").status_code == browser.get(f"/s/{unknown}").status_code == 404
        assert browser.get(f"/s/{journey.DIN}").status_code == 404
        assert browser.get(f"/labels/{cryobag}.svg").status_code == 404
    assert house.browser("tech").scan(cryobag).status_code == 200


def test_a_vial_has_a_page_under_the_code_that_pages_print_and_the_blinded_see_none(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    tech = house.browser("tech")
    code = f"03205000004004/ALB77/S{bag[:6]}"
    assert f'href="/s/{code}/history"' in tech.get(f"/s/{bag}/history").text
    for spelling in (code, journey.VIAL.format(number=bag[:6])):
        answer = tech.scan(spelling)
        assert answer.json is not None
        assert answer.json["url"] == f"/s/{code}"
    for page in (f"/s/{code}", f"/s/{code}/history"):
        assert "ALB77" in tech.get(page).text
        assert house.browser("nurse").get(page).status_code == 404
    assert codes.group(bag) in tech.get(f"/s/{code}/history").text


def test_an_empty_shipper_still_shows_what_it_carried(house: House) -> None:
    bag, _wristband, shipper = journey.on_ward(house)
    for login in ("nurse", "tech"):
        page = house.browser(login).get(f"/s/{shipper}/history").text
        assert f'href="/s/{bag}/history"' in page
        assert ("ALB77" in page) is (login == "tech"), "the vials are sealed"


def test_a_photograph_of_a_label_is_read_by_the_server(house: House) -> None:
    wristband = journey.enrolled(house)
    example = dict(designs()["wristband"].example) | {"code": wristband}
    picture = fill("wristband", example).png(300)
    nurse = house.browser("nurse")
    answer = nurse.send("/scan/photo", {"photo": (BytesIO(picture), "p.png")}, headers={"Accept": "application/json"})
    assert answer.json is not None
    assert answer.json["code"] == wristband


@pytest.mark.parametrize(("content", "reason"), [(b"no picture", "not_a_picture"), (b"", "not_a_picture")])
def test_a_file_that_is_no_photograph_is_said_to_be_none(house: House, content: bytes, reason: str) -> None:
    nurse = house.browser("nurse")
    answer = nurse.send("/scan/photo", {"photo": (BytesIO(content), "p")}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["reason"] == reason


def fits(house: House, login: str, raw: str, step: str, thing: str, field: str, **given: str) -> dict[str, object]:
    """Scan on the page of a step, as its script does."""
    kind = codes.read(raw).kind
    asked = {"raw": raw, "expects": str(kind), "step": step, "thing": thing, "fits": f"{kind}:{field}"}
    asked |= {f"given.{name}": value for name, value in given.items()}
    answer = house.browser(login).send("/scan", asked, headers={"Accept": "application/json"}).json
    assert answer is not None
    return answer


def test_at_the_bench_what_does_not_fit_is_told_as_soon_as_it_is_scanned(house: House) -> None:
    cryobags = journey.lot(house, cryobags=3)
    bag = journey.ordered(house, journey.enrolled(house))
    other = journey.ordered(house, journey.enrolled(house, "58"))
    tech = house.browser("tech")
    assert fits(house, "tech", cryobags[1], "reserve", bag, "cryobags", treatment_bag=bag)["ok"]
    tech.did(bag, "reserve", cryobags=cryobags[0])
    taken = fits(house, "tech", cryobags[0], "reserve", bag, "cryobags", treatment_bag=bag)
    assert taken["reason"] == "does_not_fit"
    assert codes.group(cryobags[0]) in str(taken["text"])
    labels = [fits(house, "tech", one, "label_and_cover", bag, "label_read", treatment_bag=bag) for one in (bag, other)]
    assert ["it has to be" in str(label["text"]) for label in labels] == [False, True]
    assert "is reserved; this step needs: diluted" in str(labels[0]["text"])
    expired = "(01)03205000004004(17)200131(10)ALB77(21)S9"
    assert "expired" in str(fits(house, "tech", expired, "dilute", bag, "vials", treatment_bag=bag)["text"])


def test_a_place_or_a_person_that_does_not_fit_is_not_put_aside(house: House) -> None:
    [first, second] = journey.lot(house)
    taken = house.browser("tech").get(f"/s/{first}").text
    [place] = {code for code in house.locations if f'href="/s/{code}"' in taken}
    said = fits(house, "tech", place, "store", second, "location", cryobag=second)
    assert (said["reason"], said["advice"]) == ("does_not_fit", "Scan another place.")
    nurse = house.people["nurse"]
    said = fits(house, "tech", nurse, "destroy_cryobag", first, "second_badge", cryobag=first)
    assert (said["reason"], said["advice"]) == ("does_not_fit", "Scan the badge of somebody else.")


def test_somebody_else_s_wristband_is_not_put_aside_either(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    said = fits(house, "nurse", journey.enrolled(house), "bedside_check", bag, "wristband", treatment_bag=bag)
    advice = "Make sure first who lies here, and that this page is theirs."
    assert (said["reason"], said["advice"]) == ("does_not_fit", advice)


def test_a_blinded_person_learns_nothing_by_naming_a_step_of_the_bench(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    asked = [fits(house, "nurse", bag, step, bag, "treatment_bag") for step in ("reserve", "dilute", "bedside_check")]
    assert [answer["ok"] for answer in asked] == [True, True, False]
    known = fits(house, "nurse", cryobags[0], "thaw", cryobags[0], "cryobag")
    unknown = fits(house, "nurse", house.fresh(codes.Kind.CRYOBAG), "thaw", cryobags[0], "cryobag")
    assert known["reason"] == unknown["reason"] == "unknown"


def test_thaw_count_and_bedside_check_ask_for_the_thing_itself(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=cryobags[0])
    page = tech.get(f"/s/{cryobags[0]}/do/thaw").text
    assert f'value="{cryobags[0]}"' not in page
    assert f'<input type="hidden" name="treatment_bag" value="{bag}" data-holder>' in page
    other = fits(house, "tech", cryobags[1], "thaw", cryobags[0], "cryobag")
    assert other["text"] == f"This is {codes.group(cryobags[1])}; the page is for {codes.group(cryobags[0])}."


def test_the_wrong_wristband_is_told_though_the_bag_is_not_scanned_yet(house: House) -> None:
    cryobags, wristband = journey.lot(house), journey.enrolled(house)
    other = journey.enrolled(house, "58")
    bag = journey.brought(house, cryobags, wristband).bag
    assert fits(house, "nurse", wristband, "bedside_check", bag, "wristband")["ok"]
    wrong = fits(house, "nurse", other, "bedside_check", bag, "wristband")
    assert wrong["text"] == "The wristband is of NAN-002, the bag is for NAN-001."
    blank = fits(house, "nurse", house.fresh(codes.Kind.PARTICIPANT), "bedside_check", bag, "wristband")
    assert not blank["ok"]
    faraway = fits(house, "faraway", bag, "bedside_check", bag, "treatment_bag")
    assert "you work at Réanimation médicale, Hôpital Bocage, Dijon" in str(faraway["text"])


def test_a_code_that_the_record_gives_by_itself_begins_nothing(house: House) -> None:
    """A deviation gets its code when it is raised: one that nobody knows is none, on the page and at its address."""
    unknown = house.fresh(codes.Kind.DEVIATION)
    for login in ("tech", "nurse", "monitor"):
        browser = house.browser(login)
        assert browser.scan(unknown).json["reason"] == "unknown"  # type: ignore[index]
        assert browser.get(f"/s/{unknown}").status_code == 404
