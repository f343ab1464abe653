"""What lies on disk after a trial, searched without the key: nothing of the sealed plane, in clear or by its place."""

from __future__ import annotations

from tests.blinding.search import found, searched


def test_no_sealed_text_is_in_database_backup_or_log(tmp_path):
    told = searched(tmp_path, participants=12)
    assert told["needles"] > 500
    assert told["found"] == {"the database": [], "a backup": [], "the log": []}
    assert told["bytes"]["the database"] > 1_000_000
    assert told["told"]["without fillers"] > 0.65, "what the fillers hide is there"
    assert abs(told["told"]["all"] - 0.5) < abs(told["told"]["without fillers"] - 0.5)


def test_what_is_searched_for_would_be_found():
    assert found({"CABCDEFGH", "other"}, b"...CABCDEFGH...") == ["CABCDEFGH"]
