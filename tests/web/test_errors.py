"""What goes wrong on our side is a page that tells nothing, and a line in the log that tells where."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from tests.web.house import House

SEALED = "CEJE-XKJH-RENP of arm MSC"


class Broken(RuntimeError):
    """What a defect in a rule raises."""


def underneath() -> None:
    raise LookupError(SEALED)


def broken(*_: object) -> None:
    try:
        underneath()
    except LookupError as cause:
        raise Broken(SEALED) from cause


@pytest.mark.parametrize("login", ["nurse", "tech"])
def test_the_log_tells_type_and_place_of_an_error_and_nothing_of_what_it_was_about(
    house: House, login: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = house.browser(login)
    monkeypatch.setattr(house.door.database, "reading", Mock(side_effect=broken))
    answer = browser.get("/")
    assert answer.status_code == 500
    assert SEALED not in answer.text + caplog.text
    assert "Broken\n" in caplog.text
    assert "LookupError\n" in caplog.text, "and what it came from"
    assert "test_errors.py" in caplog.text


def test_not_ready_is_told_without_what_was_read(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(house.door, "tail", Mock(side_effect=broken))
    answer = house.app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})
    assert SEALED not in caplog.text
    assert "Broken\n" in caplog.text
