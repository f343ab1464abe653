"""Printing: what is shown is what is printed, on record before it is handed out, and the bench's prints are sealed."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from custody import codes
from custody.chain.administration import AddPerson
from custody.chain.labels import MOST_AT_ONCE
from custody.chain.roles import Role
from custody.chain.things import Plane
from custody.labelling import raster
from tests.sheets import codes_on
from tests.web import journey
from tests.web.house import HIDDEN, Browser, House, errors

SVG = re.compile(r"<svg xmlns.*?</svg>", re.DOTALL)


def asked(browser: Browser, query: str) -> dict[str, str]:
    """Give what the page of a print would send."""
    page = browser.get(f"/prints/new?{query}")
    assert page.status_code == 200, page.text
    return dict(HIDDEN.findall(page.text))


def sent(browser: Browser, query: str, **more: str) -> TestResponse:
    return browser.client.post("/prints", data=asked(browser, query) | more)


def printed(browser: Browser, query: str, ending: str = "pdf", **more: str) -> bytes:
    """Print; give the file."""
    answer = sent(browser, query, **more)
    assert answer.status_code == 303, errors(answer.text)
    page = browser.get(answer.location)
    assert f'{answer.location}.{ending}"' in page.text
    file = browser.get(f"{answer.location}.{ending}")
    assert file.status_code == 200
    return file.data


def entries(house: House, plane: Plane) -> int:
    return house.door.tail(plane).tree.size


@pytest.fixture
def bag(house: House) -> str:
    journey.lot(house)
    return journey.ordered(house, journey.enrolled(house))


def test_a_group_is_printed_on_sheets_and_on_a_roll_and_reads_back(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    for kind, form in (("person", "sheet"), ("participant", "roll"), ("treatment_bag", "roll")):
        query = f"kind={kind}&form={form}"
        shown = set(asked(nurse, query)["labels"].split())
        assert codes_on(printed(nurse, query)) == shown
    assert bag in shown


def test_what_is_shown_is_what_is_printed_page_by_page(house: House, bag: str) -> None:
    """One drawing: each page's picture holds what the printed page says."""
    admin = house.browser("admin")
    page = admin.get("/prints/new?kind=person&form=sheet").text
    (first,) = SVG.findall(page.partition('id="preview"')[2])
    pages = int(re.search(r"(\d+) pages", page)[1])
    assert pages == 2
    assert 'viewBox="0 0 210 297"' in first
    second = SVG.findall(admin.get("/prints/new?kind=person&form=sheet&page=2").text.partition('id="preview"')[2])[0]
    named = [re.findall(r">(B[A-Z]{3}-[A-Z-]{9})<", picture) for picture in (first, second)]
    assert len(named[0] + named[1]) == len(house.people)
    paper = printed(admin, "kind=person&form=sheet")
    assert codes_on(paper) == {codes.read(code).code for code in named[0] + named[1]}
    roll = SVG.findall(admin.get(f"/prints/new?code={bag}&form=roll&copies=3").text.partition('id="preview"')[2])
    assert roll[0] == roll[1] == roll[2].replace("Page 3", "Page 1") or len(roll) == 3


def test_copies_and_forms_are_as_asked(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    zpl = printed(nurse, f"code={bag}&form=zpl_300&copies=2", "zpl").decode("ascii")
    assert zpl.count("^XA") == zpl.count("^PQ2\n") == 1
    assert "^PW1181\n" in zpl
    roll = printed(nurse, "kind=person&form=zpl_203", "zpl").decode("ascii")
    assert roll.count("^XA") == len(asked(nurse, "kind=person")["labels"].split())
    assert asked(nurse, f"code={bag}&form=poster&copies=99")["copies"] == "10"
    assert asked(nurse, f"code={bag}&form=poster")["form"] == "sheet"


def test_a_preview_is_no_print(house: House, bag: str) -> None:
    before = entries(house, Plane.OPEN), entries(house, Plane.SEALED)
    for login in ("nurse", "tech"):
        asked(house.browser(login), f"code={bag}")
        house.browser(login).get(f"/labels/{bag}.svg")
    assert (entries(house, Plane.OPEN), entries(house, Plane.SEALED)) == before


def test_another_print_says_why(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    assert 'name="reason"' not in nurse.get(f"/prints/new?code={bag}").text
    printed(nurse, f"code={bag}")
    assert 'name="reason"' in nurse.get(f"/prints/new?code={bag}").text
    answer = sent(nurse, f"code={bag}")
    assert answer.status_code == 422
    assert "printed before. Say why it is printed again." in answer.text
    assert 'name="reason"' in answer.text
    again = dict(HIDDEN.findall(answer.text)) | {"reason": "torn"}
    assert nurse.client.post("/prints", data=again).status_code == 303


def test_sent_again_it_is_the_same_print_and_the_same_file_to_the_byte(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    form = asked(nurse, f"code={bag}")
    first = nurse.client.post("/prints", data=form).location
    before, file = entries(house, Plane.OPEN), nurse.get(f"{first}.pdf").data
    house.clock.advance(minutes=20)
    assert nurse.client.post("/prints", data=form).location == first
    assert nurse.get(f"{first}.pdf").data == file
    assert entries(house, Plane.OPEN) == before
    other = nurse.client.post("/prints", data=form | {"copies": "2"})
    assert other.status_code == 422
    assert "sent before with other content" in other.text


def test_a_file_is_its_person_s_alone_and_for_an_hour(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    file = sent(nurse, f"code={bag}").location
    for login in ("nurse2", "tech", "admin"):
        assert house.browser(login).get(file).status_code == 404
        assert house.browser(login).get(f"{file}.pdf").status_code == 404
    assert nurse.get(f"{file}.zpl").status_code == 404
    house.clock.advance(minutes=61)
    late = nurse.get(f"{file}.pdf")
    assert late.status_code == 422
    assert "more than an hour ago" in late.text


def test_a_print_of_the_bench_leaves_nothing_in_the_open_plane(house: House, bag: str) -> None:
    nurse, tech = house.browser("nurse"), house.browser("tech")
    paths = (
        f"/s/{bag}",
        f"/s/{bag}/history",
        f"/s/{bag}/changed?seen=1",
        f"/prints/new?code={bag}",
    )
    clean = re.compile(r'value="[0-9a-f-]{36}"|content="[^"]{60,}"|value="[^"]{60,}"|[0-9T:.+-]{20,}')

    def seen() -> list[str]:
        checkpoint = nurse.get("/ledger/open/checkpoint").text.splitlines()[:3]
        return [*checkpoint, *(clean.sub("", nurse.get(path).text) for path in paths)]

    before, open_before, sealed_before = seen(), entries(house, Plane.OPEN), entries(house, Plane.SEALED)
    printed(tech, f"code={bag}")
    assert sent(tech, f"code={bag}").status_code == 422
    assert sent(tech, f"code={bag}", reason="smudged").status_code == 303
    assert seen() == before
    assert entries(house, Plane.OPEN) == open_before
    assert entries(house, Plane.SEALED) == sealed_before + 3
    printed(nurse, f"code={bag}")


def test_prints_stand_in_the_history_of_those_alone_who_see_the_arm(house: House, bag: str) -> None:
    printed(house.browser("nurse"), f"code={bag}")
    printed(house.browser("tech"), f"code={bag}", reason="the ward's is torn")
    badge, title = house.people["nurse"], "Print labels"
    told = house.browser("inspector_unblinded").get(f"/s/{bag}/history").text
    assert "Print labels, sealed" in told
    assert "the ward&#39;s is torn" in told
    assert title in house.browser("inspector_unblinded").get(f"/s/{badge}/history").text
    for login in ("nurse", "doctor", "monitor", "inspector", "courier", "admin"):
        for code in (bag, badge):
            assert title not in house.browser(login).get(f"/s/{code}/history").text, (login, code)


def test_one_bad_symbol_keeps_a_whole_print_from_being_made_and_is_named(
    house: House, bag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, spoilt = house.browser("admin"), house.people["nurse"]
    form, real, before = asked(admin, "kind=person"), raster._symbol, entries(house, Plane.OPEN)

    def smudged(pen, symbol, scale):
        if spoilt not in symbol.text:
            real(pen, symbol, scale)

    monkeypatch.setattr(raster, "_symbol", smudged)
    for page in (admin.client.post("/prints", data=form), admin.get("/prints/new?kind=person")):
        assert "Nothing is printed" in page.text
        assert codes.group(spoilt) in page.text
        assert "A symbol does not read back." in page.text
        assert f'data-thing="{spoilt}"' not in page.text
    assert entries(house, Plane.OPEN) == before
    others = re.search(r'href="(/prints/new\?[^"]*)">(?:<svg.*?</svg>)?\s*Only the others', page.text)[1]
    monkeypatch.setattr(raster, "_symbol", real)
    kept = asked(admin, others.partition("?")[2].replace("&amp;", "&"))["labels"].split()
    assert set(kept) == {*form["labels"].split()} - {spoilt}


def test_a_symbol_that_is_spoilt_on_the_page_alone_is_found_too(
    house: House, bag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurse, before = house.browser("nurse"), entries(house, Plane.OPEN)
    form = asked(nurse, f"code={bag}")
    monkeypatch.setattr(
        import_module("custody.labelling.pdf"), "vector", lambda _symbol: {"w": 1, "h": 1, "svg": BLANK, "alt": "x"}
    )
    answer = nurse.client.post("/prints", data=form)
    assert answer.status_code == 422
    assert bag in answer.text
    assert "does not read back" in answer.text
    assert entries(house, Plane.OPEN) == before


BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="1mm" height="1mm"></svg>'


def test_a_text_that_does_not_fit_is_named_in_the_reader_s_language(house: House) -> None:
    much = AddPerson(name="Wolfeschlegelsteinhausenbergerdorff " * 5, role=Role.ICU_NURSE, site="NAN", login="w")
    (badge,) = house.ask(much, "admin").things
    for language, said in (("en", "is wider than its place"), ("fr", "est plus large que sa place")):
        admin = house.browser("admin", language)
        page = admin.get("/prints/new?kind=person").text
        assert said in page
        assert codes.group(badge) in page
        assert "data-confirm" not in page


def test_blank_labels_keep_their_codes_while_they_are_looked_at_and_come_on_record_when_scanned(house: House) -> None:
    doctor, tech = house.browser("doctor"), house.browser("tech")
    page = doctor.get("/prints/new?blank=wristband&count=9").text
    shown = dict(HIDDEN.findall(page))["labels"].split()
    assert len(set(shown)) == 9
    roll = re.search(r'href="(/prints/new\?[^"]*form=roll[^"]*)"', page)[1].replace("&amp;", "&")
    assert asked(doctor, roll.partition("?")[2])["labels"].split() == shown
    assert codes_on(printed(doctor, roll.partition("?")[2])) == set(shown)
    assert "do/enrol" in doctor.get(f"/s/{shown[0]}").text
    zpl = printed(tech, "blank=shipper&count=4&form=zpl_203", "zpl").decode("ascii")
    (shipper, *_others) = set(re.findall(r"\^FX shipper ([A-Z-]{14}) \^FS", zpl))
    assert len(_others) == 3
    assert "do/pack" in tech.get(f"/s/{shipper}").text


def test_blank_labels_are_for_those_who_use_them_and_in_a_number_that_can_be(house: House) -> None:
    offered = {
        login: re.findall(r'name="blank" value="(\w+)"', house.browser(login).get("/labels").text)
        for login in ("nurse", "tech", "admin", "courier", "monitor")
    }
    both = ["wristband", "shipper"]
    assert offered == {"nurse": both[:1], "tech": both[1:], "admin": both, "courier": [], "monitor": []}
    assert house.browser("courier").get("/prints/new?blank=shipper&count=1").status_code == 404
    assert house.browser("nurse").get("/prints/new?blank=badge&count=1").status_code == 404
    known = house.people["nurse"]
    assert house.browser("nurse").get(f"/prints/new?blank=wristband&labels={known}").status_code == 404
    for count in ("0", "41", "99999", "9" * 5000, "-1", "1.5", "abc", ""):
        answer = house.browser("nurse").get(f"/prints/new?blank=wristband&count={count}")
        assert answer.status_code == 422
        assert f"Expected 1 to {MOST_AT_ONCE} labels." in answer.text


def test_what_is_not_theirs_is_printed_by_nobody(house: House, bag: str) -> None:
    cryobag = journey.lot(house, "A999926000124", cryobags=1)[0]
    nurse = house.browser("nurse")
    for login, query in (
        ("nurse", f"code={cryobag}"),
        ("nurse", f"code={house.fresh(codes.Kind.CRYOBAG)}"),
        ("inspector", f"code={bag}"),
        ("inspector_unblinded", f"code={bag}"),
    ):
        assert house.browser(login).get(f"/prints/new?{query}").status_code == 404
    forged = asked(nurse, f"code={bag}")
    answers = []
    for code in (cryobag, house.fresh(codes.Kind.CRYOBAG)):
        event = str(uuid4())
        more = {"labels": code, "design": "cryobag", "event": event}
        answers.append(nurse.client.post("/prints", data=forged | more))
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("is not known here" in answer.text for answer in answers)
    assert 'href="/prints' not in house.browser("inspector").get("/labels").text


def test_who_may_not_print_is_neither_offered_it_nor_told_to(house: House) -> None:
    journey.lot(house)
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    for code in (wristband, bag):
        assert 'href="/prints' in house.browser("nurse").get(f"/s/{code}").text
        for login in ("inspector", "inspector_unblinded"):
            page = house.browser(login).get(f"/s/{code}").text
            assert 'href="/prints' not in page
            assert "into the medical file" not in page


def test_only_the_page_that_sends_to_a_printer_may_ask_for_one(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    file = sent(nurse, f"code={bag}&form=zpl_203").location
    assert "usb=(self)" in nurse.get(file).headers["Permissions-Policy"]
    for path in ("/", f"/prints/new?code={bag}", f"{file}.zpl"):
        assert "usb=()" in nurse.get(path).headers["Permissions-Policy"]
    assert "connect-src 'self'" in nurse.get(file).headers["Content-Security-Policy"]


def test_an_old_file_of_a_bag_says_when_it_was_printed(house: House, bag: str) -> None:
    paper = printed(house.browser("nurse"), f"code={bag}")
    assert (house.clock.now() - timedelta(0)).strftime("<xmp:CreateDate>%Y-%m-%dT%H:").encode() in paper


def test_a_device_proposes_what_it_printed_on_last(house: House, bag: str) -> None:
    nurse, colleague = house.browser("nurse"), house.browser("nurse2")
    printed(nurse, f"code={bag}&form=zpl_300", "zpl")
    assert asked(nurse, f"code={bag}")["form"] == "zpl_300"
    assert asked(nurse, f"code={bag}&form=roll")["form"] == "roll"
    assert asked(colleague, f"code={bag}")["form"] == "sheet"
    colleague.client.set_cookie("custody_printer", "poster")
    assert asked(colleague, f"code={bag}")["form"] == "sheet"
