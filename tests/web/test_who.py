"""Default deny: who is not signed in sees nothing, whose account ended neither."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from custody import codes
from custody.chain.administration import ClosePerson
from custody.config import Config
from custody.people import passwords
from custody.store import accounts
from custody.web.who import PUBLIC
from tests.web.house import PASSWORD, TOKEN, Browser, House

HTTPS = "https://localhost"


def routes(house: House) -> list[tuple[str, str, str]]:
    """Every route of the service with arguments that lead somewhere: (endpoint, method, path)."""
    adapter = house.app.url_map.bind("localhost")
    nurse = house.people["nurse"]
    values = {
        "code": nurse,
        "name": "close_person",
        "event": "00000000-0000-4000-8000-000000000000",
        "log": "open",
        "register": "participants",
        "path": "checkpoint",
        "version": "now",
        "filename": "style.css",
    }
    found = []
    for rule in house.app.url_map.iter_rules():
        path = adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments})
        found += [(rule.endpoint, method, path) for method in sorted(rule.methods or ()) if method in {"GET", "POST"}]
    return found


def test_every_route_but_the_public_ones_asks_for_a_sign_in(house: House) -> None:
    client = house.app.test_client()
    house.app.config["WTF_CSRF_ENABLED"] = False
    guarded = [(endpoint, method, path) for endpoint, method, path in routes(house) if endpoint not in PUBLIC]
    assert len(guarded) > 15
    for endpoint, method, path in guarded:
        answer = client.open(path, method=method)
        assert answer.status_code == 302, (endpoint, method, path)
        assert answer.headers["Location"].startswith("/sign-in"), endpoint


def test_the_public_routes_tell_nothing_but_that_the_service_lives(house: House) -> None:
    pages = {"session.sign_in", "session.language"}
    assert {"static", "health.alive", "health.ready", "metrics.metrics", "ledger.vkeys"} | pages == PUBLIC
    client = house.app.test_client()
    assert client.get("/healthz").json == {"status": "alive", "now": house.clock.now().isoformat()}
    assert client.get("/readyz").json == {"status": "ready"}


def test_no_route_takes_a_form_without_its_token(house: House) -> None:
    browser = house.browser("tech")
    posted = [(endpoint, path) for endpoint, method, path in routes(house) if method == "POST"]
    assert len(posted) > 10
    for endpoint, path in posted:
        answer = browser.client.post(path, data={"raw": "x"})
        assert answer.status_code == 400, endpoint
        assert "This page is too old to be sent." in answer.text, endpoint


def test_every_cookie_travels_over_https_alone_and_is_hidden_from_scripts_and_other_sites(house: House) -> None:
    house.app.config["SESSION_COOKIE_SECURE"] = Config.read({}).secure_cookies
    client = house.app.test_client()
    page = client.get("/sign-in", base_url=HTTPS)
    token = next(a or b for a, b in TOKEN.findall(page.text))
    fields = {"name": "tech", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/sign-in", data=fields, base_url=HTTPS, headers={"Referer": f"{HTTPS}/sign-in"})
    assert answer.status_code == 302
    cookies = [text.split("; ") for one in (page, answer) for text in one.headers.getlist("Set-Cookie")]
    assert {name.partition("=")[0] for name, *_more in cookies} == {"custody", "custody_device", "custody_used"}
    for name, *attributes in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(attributes), name


def test_login_and_password_get_one_answer_when_either_is_wrong(house: House) -> None:
    browser = Browser(house.app.test_client(), house)
    wrong = [
        browser.send("/sign-in", {"name": name, "password": word}).text
        for name, word in [
            ("nobody", PASSWORD),
            ("tech", "not this one"),
        ]
    ]
    for page in wrong:
        assert "incorrect" in page or "wrong" in page
    assert browser.get("/").status_code == 302


def test_a_badge_signs_in_as_its_person(house: House) -> None:
    browser = Browser(house.app.test_client(), house)
    assert browser.send("/sign-in", {"name": house.people["nurse"], "password": PASSWORD}).status_code == 302
    assert "Nurse" in browser.get("/").text


def test_an_account_that_is_closed_is_signed_out(house: House) -> None:
    nurse = house.browser("faraway")
    assert nurse.get("/").status_code == 200
    house.ask(ClosePerson(person=house.people["faraway"], reason="left"), "admin")
    assert nurse.get("/").status_code == 302


def test_a_new_password_ends_older_sessions(house: House) -> None:
    nurse = house.browser("nurse")
    with house.door.database.writing() as connection:
        accounts.keep(connection, house.people["nurse"], "nurse", passwords.keep("another password"))
    assert nurse.get("/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x"]
)
def test_the_sign_in_never_leads_elsewhere(house: House, target: str) -> None:
    browser = Browser(house.app.test_client(), house)
    answer = browser.send("/sign-in", {"name": "tech", "password": PASSWORD, "next": target})
    assert answer.headers["Location"] == "/"
    assert browser.send("/language", {"lang": "en", "next": target}).headers["Location"] == "/"


def signs_in(browser: Browser, login: str) -> str:
    """Sign in; give where that leads."""
    answer = browser.send("/sign-in", {"name": login, "password": PASSWORD})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_whoever_signs_in_again_comes_back_to_their_page_and_nobody_else_does(house: House) -> None:
    """A tablet is passed on: the address that the technician had open would tell the nurse what they were doing."""
    tablet, page = Browser(house.app.test_client(), house), f"/s/{house.fresh(codes.Kind.CRYOBAG)}/do/reserve?due_min=1"
    assert tablet.get(page).headers["Location"] == "/sign-in", "a step's name is in no address"
    assert signs_in(tablet, "tech") == page, "nobody was here before"
    for login, led in (("tech", page), ("nurse", "/")):
        tablet.send("/sign-out", {})
        assert tablet.get(page).headers["Location"] == "/sign-in"
        assert "reserve" not in tablet.get("/sign-in").text
        assert signs_in(tablet, login) == led
    tablet.send("/sign-out", {})
    tablet.get("/s/NOTHING/history")
    assert signs_in(tablet, "nurse") == "/s/NOTHING/history"


def test_what_a_page_fetches_by_itself_is_nowhere_to_come_back_to(house: House) -> None:
    tablet = Browser(house.app.test_client(), house)
    tablet.get("/labels")
    for fetched in ({"HX-Request": "true", "Accept": "text/html, */*"}, {"Accept": "image/avif,image/webp,*/*;q=0.8"}):
        assert tablet.client.get("/worklist", headers=fetched).headers["Location"] == "/sign-in"
    tablet.get(f"/labels?{'x' * 600}")
    assert signs_in(tablet, "tech") == "/labels"


def test_every_response_says_what_the_browser_may_load(house: House) -> None:
    browser = house.browser("tech")
    for path in ("/", "/labels", "/s/NOTHING", "/static/now/style.css"):
        policy = browser.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    assert "'wasm-unsafe-eval'" in browser.get("/static/now/scan/worker.js").headers["Content-Security-Policy"]
    assert browser.get("/").headers["Cache-Control"] == "no-store"


def test_after_five_wrong_passwords_one_waits_whatever_name_it_was(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """And nobody else does: the badge counts as its person's login, a name that nobody has counts like any other."""
    browser = Browser(house.app.test_client(), house)

    def tried(name: str, password: str = "wrong") -> TestResponse:
        return browser.send("/sign-in", {"name": name, "password": password})

    for name, other in (("nurse", house.people["nurse"]), ("nobody", "NOBODY")):
        assert [tried(name).status_code for _number in range(4)] == [422] * 4
        assert tried(other).status_code == 422
        answer = tried(name, PASSWORD)
        assert answer.status_code == 429
        assert re.search(r"mots de passe faux sur cet appareil\W+attendre [56] min\.", answer.text)
    said = [
        re.fullmatch(r"wrong password for '(.+)' on address 127\.0\.0\.1, 0 tries left", one) for one in caplog.messages
    ]
    [nurse, nobody] = [found.group(1) for found in said if found]
    assert nurse == house.people["nurse"]
    assert re.fullmatch("nobody-[0-9a-f]{12}", nobody), (
        "it may be a password in the wrong field, or a code that was scanned"
    )
    assert tried("nurse2", PASSWORD).status_code == 302


def test_a_right_password_ends_the_count(house: House) -> None:
    browser = Browser(house.app.test_client(), house)
    for _number in range(3):
        for _wrong in range(4):
            assert browser.send("/sign-in", {"name": "nurse", "password": "wrong"}).status_code == 422
        assert browser.send("/sign-in", {"name": "nurse", "password": PASSWORD}).status_code == 302
        browser.send("/sign-out", {})
