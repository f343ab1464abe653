"""The report: one line per finding, none that a hostile file could swell or disguise."""

from __future__ import annotations

import pytest

from custody.ledger.report import MOST_OF_A_KIND, Report, counted


def test_a_finding_is_one_line_that_says_where_what_expected_and_found() -> None:
    report = Report()
    report.add("open/checkpoint", "size", 13, 12)
    assert [str(finding) for finding in report.finish().findings] == ["open/checkpoint: size: expected 13, found 12"]
    assert not report.ok
    assert Report().finish().ok


def test_values_are_cut_and_what_does_not_print_is_escaped() -> None:
    report = Report()
    report.add("open/a\nb", "root", "x" * 10_000, "\x1b[31m\u202e\udcff é\n")
    finding = report.findings[0]
    assert (finding.where, len(finding.expected)) == ("open/a\\nb", 200)
    assert finding.found == "\\x1b[31m\\u202e\\udcff é\\n"
    assert str(finding).encode().count(b"\n") == 0


def test_more_of_a_kind_are_counted_and_other_kinds_still_told() -> None:
    report = Report()
    for number in range(1000):
        report.add(f"open/tile/entries/000, entry {number}", "version", number, 0)
        report.add(f"sealed, entry {number}", "version", number, 0)
    report.add("open/checkpoint", "root", 1, 2)
    report.finish()
    assert len(report.findings) == 2 * MOST_OF_A_KIND + 1 + 2
    assert [(line.where, line.found) for line in report.findings[-2:]] == [
        ("open", "970 more of this kind"),
        ("sealed", "970 more of this kind"),
    ]


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("expected a signature by A, found only B", "a signature by A, found only B"),
        ("root: expected base64, found 'x'", "base64 (root), found 'x'"),
        ("gone", "a signed note, found gone"),
        ("expected a JSON object, found b'': no end", "a JSON object, found b'': no end"),
    ],
)
def test_what_an_error_expected_and_found_is_said_once(raised: str, said: str) -> None:
    report = Report()
    report.add_wrong("open/checkpoint", "checkpoint", "a signed note", ValueError(raised))
    assert str(report.findings[0]) == f"open/checkpoint: checkpoint: expected {said}"


def test_one_is_counted_as_one() -> None:
    assert [counted(number, "finding") for number in (0, 1, 2)] == ["0 findings", "1 finding", "2 findings"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]
