"""A proof of an hour that is stopped goes on where it was, and takes nothing over from other code."""

from __future__ import annotations

import pytest

from tests.blinding import proofs


@pytest.fixture
def walked(monkeypatch):
    """Let a walk be nothing but a line in a list; give the list."""
    seeds = []

    def walk(given):
        seeds.append(given[1])
        figures = dict.fromkeys(proofs.COUNTED, 1)
        return {"seed": given[1], **figures, "routes": ["GET /"], "roles": ["monitor"], "difference": ""}

    monkeypatch.setattr(proofs, "_walk", walk)
    monkeypatch.setattr(proofs, "spread", lambda work, given, _name: map(work, given))
    monkeypatch.setattr(proofs.report, "commit", lambda: "abc")
    return seeds


def test_walks_of_the_same_commit_are_not_run_again(walked, tmp_path):
    proofs.lock_step("sqlite", 3, tmp_path)
    told = proofs.lock_step("sqlite", 5, tmp_path)
    assert walked == [0, 1, 2, 3, 4]
    assert (told["runs"], told["steps"], told["holds"]) == (5, 5, True)


@pytest.mark.parametrize("commit", ["abd", "abc-dirty"])
def test_walks_of_other_code_are(walked, tmp_path, monkeypatch, commit):
    monkeypatch.setattr(proofs.report, "commit", lambda: commit)
    proofs.lock_step("sqlite", 2, tmp_path)
    monkeypatch.setattr(proofs.report, "commit", lambda: "abc-dirty" if "dirty" in commit else "abc")
    proofs.lock_step("sqlite", 2, tmp_path)
    assert walked == [0, 1, 0, 1]


def test_a_line_that_was_cut_by_the_stop_is_walked_again(walked, tmp_path):
    proofs.lock_step("sqlite", 2, tmp_path)
    kept = tmp_path / "sqlite.walks.jsonl"
    kept.write_text(kept.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    proofs.lock_step("sqlite", 2, tmp_path)
    proofs.lock_step("sqlite", 2, tmp_path)
    assert walked == [0, 1, 1]


def test_a_difference_is_kept_and_told(walked, tmp_path, monkeypatch):
    monkeypatch.setattr(proofs, "_walk", lambda given: {"seed": given[1], "difference": "a byte"})
    told = proofs.lock_step("sqlite", 2, tmp_path)
    assert not told["holds"]
    assert [one["seed"] for one in told["differences"]] == [0, 1]
    assert not walked
