"""The same texts into every page that takes a scan: no page breaks, none takes a text for what it is not."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import pytest

from tests.scanner import oracle
from tests.scanner.ground import BEGINS, Ground
from tests.web.house import TOKEN, Browser

JSON = {"Accept": "application/json"}


def post(browser: Browser, path: str, fields: dict[str, str], **more: object):  # type: ignore[no-untyped-def]
    """Send a form: with one token for all of them."""
    token = getattr(browser, "token", "") or next(a or b for a, b in TOKEN.findall(browser.get("/sign-in").text))
    browser.token = token  # type: ignore[attr-defined]
    return browser.client.post(path, data={**fields, "csrf_token": token}, **more)


@pytest.mark.parametrize(("login", "count"), [("tech", 2_000), ("nurse", 1_000)])
def test_the_scan_page_takes_no_text_for_what_it_is_not(ground: Ground, login: str, count: int) -> None:
    browser, taken = ground.house.browser(login), set()
    for text in ground.some(count):
        answer = post(browser, "/scan", {"raw": text}, headers=JSON)
        said = answer.json
        assert (answer.status_code, said["ok"]) in {(200, True), (422, False)}, text
        if not said["ok"]:
            assert said["reason"], text
            assert said["text"], text
            assert said["advice"], text
            continue
        kind, code = meant(text, ground)
        assert (said["kind"], said["code"]) == (kind, text if kind == "albumin_vial" else code), text
        assert ground.known.get(code) == kind or kind in BEGINS[login], text
        taken.add(kind)
    assert "cryobag" in taken if login == "tech" else "cryobag" not in taken
    assert "treatment_bag" in taken


def meant(text: str, ground: Ground) -> tuple[str, str]:
    """Say what a text names: by its code, or by a participant's number."""
    named = oracle.names(text)
    if named:
        return named[:2]
    assert text.strip().upper() in {"NAN-001", "NAN-1"}, text
    return "participant", next(code for code, kind in ground.known.items() if kind == "participant")


def test_the_scan_page_of_a_browser_without_scripts_says_so_too(ground: Ground) -> None:
    browser = ground.house.browser("tech", "fr")
    for text in ground.some(250):
        answer = post(browser, "/scan", {"raw": text})
        assert answer.status_code in {303, 422}, text
        assert answer.status_code == 422 or meant(text, ground), text
        assert not set(ATTACKS_AS_THEY_ARE) & set(answer.text.split("\n")), text
        assert "<script>alert" not in answer.text, text
        assert "<img src=x" not in answer.text, text


ATTACKS_AS_THEY_ARE = ("49", "<Config", "%(host)s is")


@pytest.mark.parametrize("path", ["/s/{text}", "/labels?code={text}", "/labels/{text}.svg", "/s/{text}/history"])
def test_an_address_with_any_text_shows_its_own_thing_or_none(ground: Ground, path: str) -> None:
    browser = ground.house.browser("tech")
    for text in ground.some(120):
        answer = browser.get(path.format(text=quote(text[:500], safe="")))
        assert answer.status_code in {200, 301, 302, 303, 308, 404, 405, 422}, text
        if answer.status_code == 200 and "labels?" not in path:
            kind, code = meant(text[:500], ground)
            assert code in ground.known or kind in BEGINS["tech"], text


STEPS = (
    ("nurse", "/do/raise_deviation", "about"),
    ("doctor", "/s/{new}/do/enrol", "participant"),
    ("tech", "/s/{bag}/do/reserve", "cryobags"),
    ("tech", "/s/{bag}/do/dilute", "vials"),
    ("tech", "/s/{bag}/do/label_and_cover", "second_badge"),
)


@pytest.mark.parametrize(("login", "path", "field"), STEPS)
def test_no_text_in_a_step_s_form_breaks_it_or_does_it(ground: Ground, login: str, path: str, field: str) -> None:
    browser = ground.house.browser(login)
    bag = next(code for code, kind in ground.known.items() if kind == "treatment_bag")
    address = path.format(bag=bag, new="PPSXBSJVUJVU")
    for number, text in enumerate(ground.some(60)):
        event = str(UUID(int=number, version=4))
        answer = post(browser, address, {field: text, "event": event})
        assert answer.status_code == 422, text


def test_no_text_signs_in_and_none_breaks_the_page(ground: Ground) -> None:
    browser = Browser(ground.house.app.test_client(), ground.house)
    statuses = {post(browser, "/sign-in", {"name": text, "password": "no"}).status_code for text in ground.some(50)}
    assert statuses <= {422, 429}
