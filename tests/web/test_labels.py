"""The printed set: every label reads back as the thing it goes on, and nobody gets what they may not see."""

from __future__ import annotations

import re

from custody import codes
from custody.chain.administration import AddPerson
from custody.chain.roles import Role
from tests.sheets import codes_on
from tests.web import journey
from tests.web.house import House


def test_the_set_shows_every_label_and_each_opens_its_thing(house: House) -> None:
    journey.lot(house)
    journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    page = tech.get("/labels").text
    shown = re.findall(r"/labels/([A-Z0-9]+)\.pdf", page)
    assert "Cannot be printed" not in page
    kinds = {codes.read(code).kind for code in shown}
    assert kinds == {"person", "participant", "treatment_bag", "cryobag", "location"}
    for code in shown:
        assert tech.get(f"/s/{code}").status_code == 200


def test_the_printed_set_decodes_to_the_codes_it_shows(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    nurse = house.browser("nurse")
    shown = set(re.findall(r"/labels/([A-Z0-9]+)\.pdf", nurse.get("/labels").text))
    assert codes_on(nurse.get("/labels/set.pdf").data) == shown


def test_blank_labels_have_new_codes_that_come_on_record_when_scanned(house: House) -> None:
    doctor, tech = house.browser("doctor"), house.browser("tech")
    wristbands = codes_on(doctor.get("/labels/blank/wristband.pdf?count=9").data)
    shippers = codes_on(tech.get("/labels/blank/shipper.pdf?count=4").data)
    assert (len(wristbands), len(shippers)) == (9, 4)
    assert not wristbands & codes_on(doctor.get("/labels/blank/wristband.pdf?count=9").data)
    assert "do/enrol" in doctor.get(f"/s/{wristbands.pop()}").text
    assert "do/pack" in tech.get(f"/s/{shippers.pop()}").text


def test_blank_labels_are_for_those_who_use_them_and_in_a_number_that_can_be(house: House) -> None:
    offered = {
        login: re.findall(r'action="/labels/blank/(\w+)\.pdf"', house.browser(login).get("/labels").text)
        for login in ("nurse", "tech", "admin", "courier", "monitor")
    }
    both = ["wristband", "shipper"]
    assert offered == {"nurse": both[:1], "tech": both[1:], "admin": both, "courier": [], "monitor": []}
    assert house.browser("courier").get("/labels/blank/shipper.pdf").status_code == 404
    assert house.browser("nurse").get("/labels/blank/badge.pdf").status_code == 404
    for count in ("0", "41", "99999", "9" * 5000, "-1", "1.5", "abc", ""):
        answer = house.browser("nurse").get(f"/labels/blank/wristband.pdf?count={count}")
        assert answer.status_code == 422
        assert "Expected 1 to 40 labels." in answer.text


def test_blinded_people_print_no_sealed_label_and_no_badge_of_others(house: House) -> None:
    journey.lot(house)
    for login in ("nurse", "courier", "monitor"):
        page = house.browser(login).get("/labels").text
        kinds = [codes.read(code).kind for code in re.findall(r"/labels/([A-Z0-9]+)\.pdf", page)]
        assert kinds.count(codes.Kind.PERSON) == 1
        assert not {"cryobag", "location"} & set(kinds)
    badges = house.browser("admin").get("/labels").text
    assert "Cannot be printed" not in badges, re.findall(r"Cannot be printed:([^<]+)", badges)
    assert len(re.findall(r"/labels/(B[A-Z]+)\.pdf", badges)) == len(house.people)


def test_a_ward_finds_its_own_labels_and_not_those_of_others(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    found = {
        login: re.findall(r"/labels/([PT][A-Z]+)\.pdf", house.browser(login).get("/labels").text)
        for login in ("nurse", "faraway", "tech")
    }
    assert [len(found[login]) for login in ("nurse", "faraway", "tech")] == [2, 0, 2]


def test_a_handoff_has_a_slip_that_opens_what_was_signed(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    journey.delivered(house, bag)
    courier = house.browser("courier")
    slips = [code for code in re.findall(r"/labels/([A-Z0-9]+)\.pdf", courier.get("/labels").text) if code[0] == "H"]
    assert len(slips) == 2
    pages = [courier.get(f"/s/{slip}").text for slip in slips]
    assert any("Tech" in page and "Courier" in page for page in pages)
    assert all("5 °C" in page for page in pages)
    assert house.browser("nurse").get(f"/labels/{slips[0]}.svg").status_code == 200


def test_a_label_with_a_text_too_long_is_refused_in_words_never_cut(house: House) -> None:
    """And the others of the set are printed all the same."""
    admin = house.browser("admin")
    much = AddPerson(name="Wolfeschlegelsteinhausenbergerdorff " * 5, role=Role.ICU_NURSE, site="NAN", login="w")
    (badge,) = house.ask(much, "admin").things
    for kind in ("svg", "pdf"):
        answer = admin.get(f"/labels/{badge}.{kind}")
        assert answer.status_code == 422
        assert "Cannot be printed" in answer.text
        assert codes.group(badge) in answer.text
    assert "Cannot be printed" in admin.get("/labels").text
    assert admin.get("/labels/set.pdf").status_code == 200
