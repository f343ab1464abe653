"""What is counted for monitoring: useful to who runs it, and nothing of the bench."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from custody.chain.things import Plane
from tests.web.house import House
from tests.web.test_ledger import FILLERS


def asked(house: House, **headers: str) -> TestResponse:
    return house.app.test_client().get("/metrics", headers=headers)


def figures(house: House) -> dict[str, float]:
    """What a Prometheus reads."""
    answer = asked(house)
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    families = text_string_to_metric_families(answer.text)
    return {_name(sample): sample.value for family in families for sample in family.samples}


def _name(sample: Any) -> str:
    labels = "".join(f" {value}" for value in sample.labels.values())
    return f"{sample.name}{labels}"


def test_it_says_that_all_is_well_how_long_the_open_log_is_and_since_when(house: House) -> None:
    house.ask(*FILLERS[Plane.OPEN])
    now, entries = house.clock.now().timestamp(), house.door.tail(Plane.OPEN).tree.size
    house.clock.advance(minutes=7)
    assert figures(house) == {
        "custody_ready": 1,
        "custody_clock_seconds": now + 7 * 60,
        "custody_open_log_entries": entries,
        "custody_open_log_latest_seconds": pytest.approx(now, abs=0.001),
        "custody_answers_total 500": 0,
        "custody_answers_total 503": 0,
    }


def test_it_counts_what_blinded_people_were_answered_and_what_nobody_else_was(house: House) -> None:
    nurse, technician = house.browser("nurse"), house.browser("tech")
    before = figures(house).get("custody_answers_total 200", 0)
    for browser in (nurse, technician, technician):
        assert browser.get("/").status_code == 200
    assert technician.get("/nowhere").status_code == 404
    assert figures(house)["custody_answers_total 200"] == before + 1
    assert "custody_answers_total 404" not in figures(house)
    assert nurse.get("/nowhere").status_code == 404
    assert figures(house)["custody_answers_total 404"] == 1


def test_an_error_of_ours_at_the_bedside_is_counted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    nurse = house.browser("nurse")
    monkeypatch.setitem(house.app.view_functions, "worklist.fragment", Mock(side_effect=LookupError))
    assert nurse.get("/worklist").status_code == 500
    assert figures(house)["custody_answers_total 500"] == 1


def test_what_the_bench_does_changes_nothing(house: House) -> None:
    before = asked(house).data
    house.ask(*FILLERS[Plane.SEALED])
    assert asked(house).data == before
    house.ask(*FILLERS[Plane.OPEN])
    assert asked(house).data != before


def test_a_log_that_is_not_in_order_is_told_as_a_figure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.door, "tail", Mock(side_effect=LookupError))
    told = figures(house)
    assert told["custody_ready"] == 0
    assert "custody_clock_seconds" in told
    assert not [name for name in told if name.startswith("custody_open_log")]


@pytest.mark.parametrize("version", ["zzz", "", "1.0.0.0", "-1"])
def test_a_version_that_there_is_none_of_gets_the_ordinary_text(house: House, version: str) -> None:
    for asked_for in ("text/plain", "application/openmetrics-text"):
        assert asked(house, Accept=f"{asked_for};version={version}").status_code == 200


def ready(house: House) -> tuple[int, float]:
    return house.app.test_client().get("/readyz").status_code, figures(house)["custody_ready"]


def test_a_file_that_was_ruined_or_moved_under_the_service_is_noticed(house: House) -> None:
    """Connections that stand open remember pages, and go on reading a file that was renamed."""
    file = Path(str(house.door.database.url.database))
    assert ready(house) == (200, 1)
    file.rename(file.with_name("elsewhere.db"))
    assert ready(house) == (503, 0)
    file.with_name("elsewhere.db").rename(file)
    assert ready(house) == (200, 1)
    with house.door.database.inspecting() as connection:
        connection.rollback()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as opened:
        opened.seek(4096)
        opened.write(b"\xff" * (file.stat().st_size - 4096))
    assert ready(house) == (503, 0)


def test_who_prefers_openmetrics_gets_it(house: House) -> None:
    answer = asked(house, Accept="application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")
    assert "_created" not in answer.text, "when the process began is of no use, and differs from copy to copy"
