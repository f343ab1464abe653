"""What lies on disk after a trial, searched without the key: nothing of the sealed plane, in clear or by its place."""

from __future__ import annotations

from custody.web import session
from tests.blinding.search import counted, found, searched, told


def test_no_sealed_text_is_in_database_backup_or_log(tmp_path):
    told = searched(tmp_path, participants=12)
    assert told["needles"] > 500
    assert told["found"] == {"the database": [], "a backup": [], "the log": []}
    assert told["bytes"]["the database"] > 1_000_000
    assert told["bytes"]["the log"] > 5_000, "wrong passwords, defects, a log that is not in order"


def test_who_counts_sealed_records_guesses_no_arm_and_would_without_the_fillers():
    laid = [counted(12, seed) for seed in (1, 2)]
    told_of = {name: told([one[name] for one in laid])["auc"] for name in laid[0]}
    assert told_of["without fillers"] > 0.65, "what the fillers hide is there"
    assert abs(told_of["all"] - 0.5) < abs(told_of["without fillers"] - 0.5)


def test_a_code_that_is_logged_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "counted_as", lambda database, name: name.lower())
    assert searched(tmp_path, participants=12)["found"]["the log"]


def test_what_is_searched_for_would_be_found():
    assert found({"CABCDEFGH", "other"}, b"...CABCDEFGH...") == ["CABCDEFGH"]
