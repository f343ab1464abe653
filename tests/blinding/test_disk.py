"""What lies on disk after a trial, searched without the key: nothing of the sealed plane, in clear or by its place."""

from __future__ import annotations

from custody.web import session
from tests.blinding.search import found, searched


def test_no_sealed_text_is_in_database_backup_or_log(tmp_path):
    told = searched(tmp_path, participants=12)
    assert told["needles"] > 500
    assert told["found"] == {"the database": [], "a backup": [], "the log": []}
    assert told["bytes"]["the database"] > 1_000_000
    assert told["bytes"]["the log"] > 5_000, "wrong passwords, defects, a log that is not in order"
    assert told["told"]["without fillers"] > 0.65, "what the fillers hide is there"
    assert abs(told["told"]["all"] - 0.5) < abs(told["told"]["without fillers"] - 0.5)


def test_a_code_that_is_logged_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "counted_as", lambda database, name: name.lower())
    assert searched(tmp_path, participants=12)["found"]["the log"]


def test_what_is_searched_for_would_be_found():
    assert found({"CABCDEFGH", "other"}, b"...CABCDEFGH...") == ["CABCDEFGH"]
