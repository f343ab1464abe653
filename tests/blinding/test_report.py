"""The page that an ethics committee reads: whole in both languages, and no more confident than what was run."""

from __future__ import annotations

import re

import pytest

from tests.blinding import report
from tests.blinding.leaks import LEAKS
from tests.blinding.timing import KINDS

WALKED = {
    **dict.fromkeys(("runs", "steps", "done", "released", "broken", "commands", "responses", "bytes"), 2000),
    "routes": ["GET /"],
    "roles": ["monitor", "nobody"],
    "differences": [],
    "holds": True,
}
GUESSED = {"auc": 0.501, "low": 0.48, "high": 0.52, "trials": 300, "participants": 198, "features": 10}
TIMED = {"pairs": 10_000, "median_us": 4_000.4, "difference_us": -0.4, "within_us": 7.1, "p": 0.3}
PARTS = {
    "sqlite": WALKED | {"dialect": "sqlite"},
    "postgresql": WALKED | {"dialect": "postgresql"},
    "leaks": {
        "leaks": [
            {"name": one.name, "channel": one.channel, "what": one.what, "found": "x", "runs": 1}
            for one in LEAKS.values()
        ],
        "killed": len(LEAKS),
        "holds": True,
    },
    "guesses": {
        name: GUESSED | {"late": {"cells": [3, 99], "albumin": [0, 99]}, "blind": name != "leaky"}
        for name in ("plain", "faults", "leaky")
    }
    | {"holds": True},
    "disk": {
        "needles": 3220,
        "bytes": {"the database": 10_000_000},
        "found": {"the database": []},
        "told": {
            "all": {"auc": 0.506, "low": 0.48, "high": 0.53, "trials": 24, "orders": 1590},
            "without fillers": {"auc": 0.78, "low": 0.74, "high": 0.82, "trials": 24, "orders": 1590},
        },
        "holds": True,
    },
    "times": {
        "kinds": [TIMED | {"name": kind.name} for kind in KINDS],
        "control": [TIMED | {"name": KINDS[0].name}],
        "limit": 0.0007,
        "caught": True,
        "holds": True,
    },
}

for part in PARTS.values():
    part |= {"commits": ["0872d0d"], "ended": "2026-11-28 18:52"}

SMALL = PARTS | {"sqlite": PARTS["sqlite"] | {"runs": 4}}
"""One part of it was only tried."""


def test_a_part_that_was_only_tried_says_so():
    [one] = [part for part in report.page(SMALL, report.Words("en"))["parts"] if "on SQLite" in part["title"]]
    assert one["lines"][-1] == "A trial run: 4 of the 2,000 that the whole proof takes."


def test_the_figures_are_named_by_the_commits_and_the_time_that_they_are_of(monkeypatch):
    monkeypatch.setattr(report, "commit", lambda: "d0d0d0d")
    made = report.page(PARTS, report.Words("en"))["made"]
    assert made == "Figures of 2026-11-28 18:52 UTC, 0872d0d.", "not of the commit at which they are set in type"
    later = {"disk": PARTS["disk"] | {"commits": ["d0d0d0d"], "ended": "2026-11-29 07:01"}}
    assert report.page(PARTS | later, report.Words("en"))["made"] == (
        "Figures of 2026-11-28 18:52 – 2026-11-29 07:01 UTC, 0872d0d, d0d0d0d. The product is the same at all of them."
    )


@pytest.mark.parametrize(("missed", "said"), [(False, "Caught."), (True, "NOT CAUGHT.")])
def test_a_control_that_the_guesses_missed_is_told_beside_them(missed, said):
    guesses = PARTS["guesses"] | {"leaky": PARTS["guesses"]["leaky"] | {"blind": missed}}
    [one] = report.page({"guesses": guesses}, report.Words("en"))["parts"]
    assert one["lines"][-1].endswith(f"participants). {said}")


def test_what_late_bags_alone_tell_stands_beside_the_guess():
    late = {"cells": [121, 1996], "albumin": [0, 1964]}
    guesses = PARTS["guesses"] | {"faults": PARTS["guesses"]["faults"] | {"late": late}}
    lines = report._guesses(guesses, report.Words("en"))
    assert lines[2].endswith("Late bags alone, see “What remains”: 0.530.")


def test_a_late_bag_is_named_whatever_was_run():
    assert "a late bag tells something" in " ".join(report.page({}, report.Words("en"))["remains"]["lines"])


def test_both_pages_are_written_and_fit_one_page_and_a_list(tmp_path):
    report.write(PARTS, tmp_path)
    for name in report.FILES.values():
        pages = re.findall(rb"/Type ?/Page\b", (tmp_path / f"{name}.pdf").read_bytes())
        assert len(pages) == 2, name
    assert "3 of 99 bags with cells were late" in (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "2\u202f000 fois" in (tmp_path / "rapport.txt").read_text(encoding="utf-8")


def test_no_french_sentence_is_left_over(monkeypatch):
    asked = Asked(report.french())
    monkeypatch.setattr(report, "french", lambda: asked)
    bad = PARTS | {"leaks": PARTS["leaks"] | {"leaks": [{**PARTS["leaks"]["leaks"][0], "found": ""}], "commits": ["x"]}}
    for parts in (PARTS, SMALL, {"leaks": PARTS["leaks"]}, {}, bad | {"times": PARTS["times"] | {"caught": False}}):
        report.page(parts, report.Words("fr"))
    assert not asked.keys() - asked.said


class Asked(dict):
    """Keeps what was looked up."""

    def __init__(self, known):
        super().__init__(known)
        self.said = set()

    def __getitem__(self, key):
        self.said.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize(
    ("parts", "head"),
    [
        (PARTS, "Blinding, proved"),
        ({"leaks": PARTS["leaks"]}, "Blinding: proved in part"),
        (SMALL, "Blinding: proved in part"),
        (PARTS | {"disk": PARTS["disk"] | {"holds": False}}, "Blinding: not proved"),
        ({"disk": PARTS["disk"] | {"holds": False}}, "Blinding: not proved"),
        ({}, "Blinding: not proved"),
    ],
)
def test_the_head_says_no_more_than_what_was_run(parts, head):
    assert report.page(parts, report.Words("en"))["head"] == head


def test_what_was_not_run_is_named():
    told = report.page({"leaks": PARTS["leaks"]}, report.Words("en"))
    assert told["missing"].startswith("Not run: Two copies cannot be told apart, on SQLite, ")
    assert "A leak would" not in told["missing"]
