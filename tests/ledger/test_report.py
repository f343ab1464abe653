"""The report: one line per finding, none that a hostile file could swell or disguise."""

from __future__ import annotations

from custody.ledger.report import MOST_OF_A_KIND, Report


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
        ("open", "980 more of this kind"),
        ("sealed", "980 more of this kind"),
    ]
