"""Labels on a page: every label reads back as the thing it goes on, and nobody gets what they may not see."""

from __future__ import annotations

import re

from custody import codes
from custody.chain.administration import AddLocation, AddPerson
from custody.chain.roles import Role
from custody.web import labels
from tests.web import journey
from tests.web.house import Browser, House

LATER = re.compile(r'href="(/labels\?[^"]*)">More labels')


def pages(browser: Browser) -> list[str]:
    """Give every page of labels that somebody is led to."""
    waiting = re.findall(r'href="(/labels\?kind=\w+)"', browser.get("/labels").text)
    found = []
    for address in waiting:
        found.append(browser.get(address).text)
        waiting += [later.replace("&amp;", "&") for later in LATER.findall(found[-1])]
    return found


def labelled(browser: Browser, prefix: str = "") -> list[str]:
    """Give the codes of all labels that somebody is shown."""
    return [code for page in pages(browser) for code in re.findall(rf"/prints/new\?code=({prefix}[A-Z0-9]+)", page)]


def test_the_set_shows_every_label_and_each_opens_its_thing(house: House) -> None:
    journey.lot(house)
    journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    shown = labelled(tech)
    assert not any("Cannot be printed" in page for page in pages(tech))
    kinds = {codes.read(code).kind for code in shown}
    assert kinds == {"person", "participant", "treatment_bag", "cryobag", "location"}
    for code in shown:
        assert tech.get(f"/s/{code}").status_code == 200


def test_a_few_labels_are_drawn_at_once_and_those_of_a_lot_are_found_from_its_page(house: House) -> None:
    for number in range(20):
        place = AddLocation(name=f"Rack {number}", temperature_class=house.door.protocol.storage_class)
        house.ask(place, "tech")
    bags = journey.lot(house, cryobags=5)
    journey.lot(house, "A999926000124", cryobags=1)
    tech = house.browser("tech")
    assert max(page.count("<figure") for page in pages(tech)) == labels.AT_ONCE
    assert len(labelled(tech, "R")) == 26
    assert f'href="/labels?lot={journey.DIN}"' in tech.get(f"/s/{journey.DIN}").text
    of_lot = re.findall(r"/prints/new\?code=(C[A-Z]+)", tech.get(f"/labels?lot={journey.DIN}").text)
    assert sorted(of_lot) == sorted(bags)
    blinded = house.browser("nurse").get(f"/labels?lot={journey.DIN}").text
    assert "kind=cryobag" not in blinded
    assert f"Cryobags of lot {journey.DIN}" not in blinded


def test_a_code_leads_to_its_label_alone(house: House) -> None:
    cryobags = journey.lot(house)
    for typed in (cryobags[0], codes.group(cryobags[0]).lower()):
        page = house.browser("tech").get(f"/labels?code={typed}").text
        assert re.findall(r"/prints/new\?code=([A-Z0-9]+)", page) == [cryobags[0]]
    for typed in (cryobags[0], "bonjour", house.fresh(codes.Kind.CRYOBAG)):
        assert "Nothing to print." in house.browser("nurse").get(f"/labels?code={typed}").text
    assert house.browser("tech").get("/labels?kind=nonsense&from=-1").status_code == 200


def test_blinded_people_print_no_sealed_label_and_no_badge_of_others(house: House) -> None:
    journey.lot(house)
    for login in ("nurse", "courier", "monitor"):
        kinds = [codes.read(code).kind for code in labelled(house.browser(login))]
        assert kinds.count(codes.Kind.PERSON) == 1
        assert not {"cryobag", "location"} & set(kinds)
    assert not any("Cannot be printed" in page for page in pages(house.browser("admin")))
    assert len(labelled(house.browser("admin"), "B")) == len(house.people)


def test_a_ward_finds_its_own_labels_and_not_those_of_others(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    found = {login: labelled(house.browser(login), "[PT]") for login in ("nurse", "faraway", "tech")}
    assert [len(found[login]) for login in ("nurse", "faraway", "tech")] == [2, 0, 2]


def test_a_handoff_has_a_slip_that_opens_what_was_signed(house: House) -> None:
    journey.on_ward(house)
    courier = house.browser("courier")
    slips = labelled(courier, "H")
    assert len(slips) == 2
    signed = [courier.get(f"/s/{slip}").text for slip in slips]
    assert any("Tech" in page and "Courier" in page for page in signed)
    assert all("5 °C" in page for page in signed)
    assert house.browser("nurse").get(f"/labels/{slips[0]}.svg").status_code == 200


def test_a_label_with_a_text_too_long_is_refused_in_the_reader_s_words_never_cut(house: House) -> None:
    admin = house.browser("admin")
    much = AddPerson(name="Wolfeschlegelsteinhausenbergerdorff " * 5, role=Role.ICU_NURSE, site="NAN", login="w")
    (badge,) = house.ask(much, "admin").things
    answer = admin.get(f"/labels/{badge}.svg")
    assert answer.status_code == 422
    assert "Cannot be printed" in answer.text
    assert codes.group(badge) in answer.text
    assert any("Cannot be printed" in page for page in pages(admin))
    french = house.browser("admin", "fr").get(f"/labels/{badge}.svg").text
    assert "est plus large que sa place sur l’étiquette" in french
