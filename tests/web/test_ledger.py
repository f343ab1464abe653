"""The logs over HTTP: whoever may read them verifies them from these files alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.things import Plane
from custody.export.ledger import BOTH, export_ledger
from custody.ledger.checkpoint import read_unverified
from custody.ledger.keys import Verifier
from custody.ledger.proof import TILE_WIDTH
from custody.ledger.tiles import places
from custody.ledger.verify import Trust, verify, verify_folder
from custody.record.create import open_door
from custody.store.database import Database
from tests.web.house import TOKEN, Browser, House

FILLERS = {Plane.OPEN: (RaiseDeviation(what="late"), "monitor"), Plane.SEALED: (RaiseBenchDeviation(what="x"), "tech")}


@dataclass(frozen=True)
class Downloaded:
    """A log as a browser gets it."""

    browser: Browser
    log: str

    def names(self) -> set[str]:
        size = read_unverified(self.read("checkpoint").decode())[0].size
        return {"checkpoint", *(place.path for place in places(size))}

    def read(self, path: str) -> bytes:
        answer = self.browser.get(f"/ledger/{self.log}/{path}")
        if answer.status_code != 200:
            raise FileNotFoundError(path)
        return answer.data


@dataclass(frozen=True)
class Copied:
    """A log as it was on an earlier day."""

    files: dict[str, bytes]

    def names(self) -> set[str]:
        return set(self.files)

    def read(self, path: str) -> bytes:
        return self.files[path]


def grow(house: House, plane: Plane) -> None:
    """Let a log have a full tile, and some."""
    command, who = FILLERS[plane]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: house.ask(command, who), range(TILE_WIDTH)))


def keys(house: House) -> list[Verifier]:
    lines = (house.app.extensions["config"].keys / "vkeys").read_text().splitlines()
    return [Verifier.from_vkey(line) for line in lines]


def test_both_logs_verify_from_what_the_unblinded_inspector_downloads(house: House) -> None:
    for plane in Plane:
        grow(house, plane)
    inspector = house.browser("inspector_unblinded")
    logs = {plane: Downloaded(inspector, plane) for plane in ("open", "sealed")}
    report = verify(logs, Trust(keys(house)))
    assert report.ok, report.findings
    assert all("tile/0/000" in log.names() for log in logs.values())


@pytest.mark.parametrize("login", ["tech", "resp", "stat"])
def test_the_bench_gets_no_entry_of_the_sealed_log_for_the_lists_are_in_it(house: House, login: str) -> None:
    browser = house.browser(login)
    assert browser.get("/ledger/sealed/checkpoint").status_code == 200
    assert browser.get("/ledger/sealed/tile/0/000.p/1").status_code == 200
    assert browser.get("/ledger/sealed/tile/entries/000.p/1").status_code == 404


@pytest.mark.parametrize("login", ["inspector", "nurse", "courier", "monitor", "admin"])
def test_the_blinded_get_the_open_log_and_not_a_word_of_the_sealed_one(house: House, login: str) -> None:
    browser = house.browser(login)
    assert verify({"open": Downloaded(browser, "open")}, Trust(keys(house))).ok
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1", "tile/entries/999.p/1", "nothing"):
        sealed, other = (browser.get(f"/ledger/{log}/{path}") for log in ("sealed", "other!"))
        assert sealed.status_code == other.status_code == 404
        pages = [TOKEN.sub("", answer.text) for answer in (sealed, other)]  # a form's token tells the second
        assert pages[0].replace("sealed", "other!") == pages[1]


def test_nobody_reads_a_log_who_is_not_signed_in(house: House) -> None:
    stranger = Browser(house.app.test_client(), house)
    for log in Plane:
        assert stranger.get(f"/ledger/{log}/checkpoint").status_code == 302


@pytest.mark.parametrize("login", ["inspector", "inspector_unblinded", "monitor", "stat"])
def test_who_is_outside_is_asked_to_keep_a_checkpoint_and_verifies_by_it(house: House, login: str) -> None:
    browser = house.browser(login)
    page = browser.get("/").text
    assert 'href="/ledger/open/checkpoint.txt"' in page
    assert 'href="/ledger/vkeys"' in page
    answer = browser.get("/ledger/open/checkpoint.txt")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="checkpoint-open-2026-03-10.txt"'
    house.ask(RaiseDeviation(what="late"), "monitor")
    trusted = [Verifier.from_vkey(line) for line in browser.get("/ledger/vkeys").text.splitlines()]
    report = verify({"open": Downloaded(browser, "open")}, Trust(trusted, None, [answer.text]))
    assert report.ok, report.findings
    assert any(line.startswith("older checkpoint of custody.example/test/open") for line in report.covered)


@pytest.mark.parametrize(
    ("login", "kept"), [("inspector_unblinded", True), ("stat", True), ("inspector", False), ("monitor", False)]
)
def test_the_sealed_logs_checkpoint_is_kept_by_the_unblinded_and_finds_a_record_that_vanished(
    house: House, login: str, kept: bool
) -> None:
    browser = house.browser(login)
    page, answer = browser.get("/").text, browser.get("/ledger/sealed/checkpoint.txt")
    assert ("/ledger/sealed/" in page) is kept
    assert ("sealed log" in page) is kept, "no word of the sealed log to the blinded"
    assert answer.status_code == (200 if kept else 404)
    if kept:
        assert 'filename="checkpoint-sealed-2026-03-10.txt"' in answer.headers["Content-Disposition"]
        before = Downloaded(house.browser("inspector_unblinded"), "sealed")
        older = {name: before.read(name) for name in before.names()}
        house.ask(RaiseBenchDeviation(what="x"), "tech")
        later = house.browser("inspector_unblinded").get("/ledger/sealed/checkpoint.txt").text
        report = verify(
            {"open": Downloaded(browser, "open"), "sealed": Copied(older)}, Trust(keys(house), None, [later])
        )
        assert [(one.where, one.what) for one in report.findings] == [("sealed/checkpoint", "cut")]


@pytest.mark.parametrize("login", ["nurse", "doctor", "courier", "tech", "resp", "admin"])
def test_who_works_in_the_trial_is_not_asked_to(house: House, login: str) -> None:
    assert "/ledger/" not in house.browser(login).get("/").text


def test_the_public_keys_are_everybodys_and_those_of_an_export(house: House, tmp_path: Path) -> None:
    stranger = house.app.test_client().get("/ledger/vkeys")
    assert stranger.status_code == 200
    lines = (house.app.extensions["config"].keys / "vkeys").read_text().splitlines()
    export_ledger(house.door, tmp_path / "out", lines, BOTH)
    assert stranger.data == (tmp_path / "out" / "vkeys").read_bytes()
    report = verify_folder(tmp_path / "out", stranger.text.splitlines())
    assert (report.findings, report.unsigned) == ([], {})
    for log in Plane:
        assert house.app.test_client().get(f"/ledger/{log}/checkpoint.txt").status_code == 302


@pytest.mark.parametrize("path", ["tile/0/001", "tile/entries/000", "tile/9/000.p/1", "tile/0/000.p/256", "..", "tile"])
def test_what_is_not_there_is_not_found(house: House, path: str) -> None:
    assert house.browser("inspector").get(f"/ledger/open/{path}").status_code == 404


def test_hashes_are_kept_by_the_browser_and_entries_are_not(house: House) -> None:
    browser = house.browser("inspector")
    for path, kept in {"tile/0/000.p/1": True, "tile/entries/000.p/1": False, "checkpoint": False}.items():
        answer = browser.get(f"/ledger/open/{path}")
        assert answer.status_code == 200
        assert ("immutable" in answer.headers["Cache-Control"]) == kept
        assert ("no-store" in answer.headers["Cache-Control"]) != kept


def test_a_checkpoint_is_given_while_the_bench_writes(house: House) -> None:
    """Who asks may not feel by a delay that the bench is at work."""
    browser = house.browser("monitor")
    before = browser.get("/ledger/open/checkpoint").data
    answers: list[bytes] = []
    with house.door.database.writing():
        asking = threading.Thread(target=lambda: answers.append(browser.get("/ledger/open/checkpoint").data))
        asking.start()
        asking.join(60)  # a writer that held it up would do so for ever
        assert read_unverified(answers[0].decode())[0] == read_unverified(before.decode())[0]
        assert house.app.test_client().get("/readyz").status_code == 200
    asking.join()


def test_who_asks_for_the_open_log_never_touches_the_sealed_one_nor_the_writer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a second process at work, too: what it wrote to the sealed log is not read for the blinded."""
    another = Database(str(house.door.database.url))
    second = open_door(another, house.app.extensions["config"].keys, house.door.world)
    browser = house.browser("monitor")
    before = house.door._logs
    for step, who in FILLERS.values():
        replace(house, door=second).ask(step, who)
    another.close()
    asked: list[Plane] = []
    reading = house.door.database.reading
    monkeypatch.setattr(house.door.database, "reading", lambda plane: (asked.append(plane), reading(plane))[1])
    monkeypatch.setattr(house.door.database, "writing", Mock(side_effect=AssertionError("the writer's lock")))
    assert house.app.test_client().get("/readyz").json == {"status": "ready"}
    assert read_unverified(browser.get("/ledger/open/checkpoint").data.decode())[0].size == size_of(house, Plane.OPEN)
    assert set(asked) == {Plane.OPEN}
    assert house.door._logs is before, "what the door remembers is its leader's"


def size_of(house: House, plane: Plane) -> int:
    with house.door.database.reading(plane) as connection:
        return house.door.stores[plane].size(connection)
