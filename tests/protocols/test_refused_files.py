"""A bad protocol file is refused with every problem, each on its line."""

import re
from pathlib import Path

import pytest

from custody import protocols
from custody.protocols import ProtocolError
from custody.protocols.limits import LIMITS, Limit
from custody.protocols.lines import locate

from .mistaken_facts import IN_FACTS
from .mistaken_limits import IN_LIMITS

MISTAKES = IN_LIMITS | IN_FACTS

GOOD = protocols.builtin()["chocmsc"].read_text(encoding="utf-8")
AURORA = Path(__file__).with_name("aurora.toml").read_text(encoding="utf-8")


def problems(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(ProtocolError) as refused:
        protocols.loads(data, "bad.toml")
    assert str(refused.value) == "\n".join(refused.value.problems)
    return list(refused.value.problems)


def line_of(text: str, snippet: str) -> int:
    assert text.count(snippet) == 1, snippet
    return text[: text.index(snippet)].count("\n") + 1


def changed(old: str, new: str, text: str = GOOD) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.mark.parametrize(("old", "new", "at", "said"), MISTAKES.values(), ids=MISTAKES)
def test_one_mistake_is_said_once_and_on_its_line(old: str, new: str, at: str, said: str) -> None:
    bad = changed(old, new)
    (problem,) = problems(bad)
    assert problem.startswith(f"bad.toml:{line_of(bad, at)}: {said}")


@pytest.mark.parametrize(
    ("code", "instead", "name"),
    [
        ("PLACEBO", "MSC", "arms[2]"),
        ("DIJ", "NAN", "sites[3]"),
        ("nosocomial", "adult", "eligibility.exclusion[2]"),
        ("karyotype", "sterility", "qc[9]"),
        ("growth", "no_growth", "qc[6].results[2]"),
        ("death", "sofa", "outcomes[6]"),
    ],
)
def test_a_code_names_one_thing_of_its_kind(code: str, instead: str, name: str) -> None:
    taken, twice = line_of(GOOD, f'code = "{instead}"'), line_of(GOOD, f'code = "{code}"')
    expected = f'bad.toml:{twice}: {name}.code: expected another code than "{instead}", which stands on line {taken}'
    assert problems(changed(f'code = "{code}"', f'code = "{instead}"')) == [f'{expected}, found "{instead}"']


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_no_limit_may_be_left_out(limit: Limit) -> None:
    lines = GOOD.split("\n")
    at = locate(GOOD)[limit.section, limit.key] - 1
    found = problems("\n".join([*lines[:at], "", *lines[at + 1 :]]))
    assert found == [f"bad.toml:{locate(GOOD)[limit.section,]}: {limit.name}: missing"]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
@pytest.mark.parametrize(
    ("pattern", "instead", "said"),
    [
        (r'unit = "[^"]+"', 'unit = "furlong"', "{name}.unit: expected "),
        (r'unit = "[^"]+", ', "", "{name}.unit: missing"),
        (r"value = ([0-9.]+|\[[^]]+\])", "value = 1e9", "{name}: expected "),
        (r"value = ([0-9.]+|\[[^]]+\]), ", "", "{name}.value: missing"),
        (r', (confirm|source) = "[^"]+"', "", "{name}: expected source"),
        (r"\{.*\}", '"much"', '{name}: expected a table, found "much"'),
        (r" \}", ", note = 1 }", "{name}.note: unknown key"),
    ],
)
def test_no_limit_may_lack_or_twist_a_part(limit: Limit, pattern: str, instead: str, said: str) -> None:
    lines = GOOD.split("\n")
    at = locate(GOOD)[limit.section, limit.key] - 1
    lines[at], times = re.subn(pattern, instead, lines[at], count=1)
    assert times == 1
    (problem,) = problems("\n".join(lines))
    assert problem.startswith(f"bad.toml:{at + 1}: {said.format(name=limit.name)}")


def test_a_value_under_its_own_header_is_found_where_it_stands() -> None:
    bad = changed("value = 20.0\n", 'value = "twenty"\n', AURORA)
    assert problems(bad) == [f'bad.toml:{line_of(bad, "twenty")}: dose.tolerance: expected a number, found "twenty"']


def test_every_problem_is_said_at_once_in_the_order_of_the_lines() -> None:
    bad = changed("participants = { value = 66", "participants = { value = 0")
    bad = changed("hold = { value = 120", "hold = { value = -1", bad)
    bad = changed('code = "DIJ"', 'code = "dij"', bad)
    bad = changed("[records]", "[recods]", bad)
    found = problems(bad)
    assert [problem.split(": ")[1] for problem in found] == [
        "records",
        "trial.participants",
        "sites[3].code",
        "timing.hold",
        "recods",
    ]
    numbers = [int(problem.split(":")[1]) for problem in found]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers)


def test_a_value_that_is_wrong_is_not_compared_with_others() -> None:
    bad = changed("lead = { value = 45,", 'lead = { value = "long",')
    bad = changed("hold = { value = 120,", "hold = { value = 1,", bad)
    assert len(problems(bad)) == 1


def test_one_arm_is_no_comparison() -> None:
    first, second = GOOD.split('[[arms]]\ncode = "PLACEBO"')
    bad = first + second[second.index("# A list of permuted") :]
    assert problems(bad) == [f"bad.toml:{line_of(bad, '[[arms]]')}: arms: expected at least two arms, found 1"]


def test_a_trial_without_a_place_to_prepare_is_refused() -> None:
    bad = changed('kind = "cell_therapy_unit"', 'kind = "icu"')
    bad = changed('phone = "+33 3 53 01 00 10"', 'phone = "+33 3 53 01 00 10"\ninvestigator = "Dr Z."', bad)
    at = line_of(bad, '[[sites]]\ncode = "UTCT"')
    assert problems(bad) == [
        f'bad.toml:{at}: sites: expected at least one site of kind "cell_therapy_unit", found none'
    ]


def test_a_trial_without_an_icu_is_refused() -> None:
    bad = GOOD.replace('kind = "icu"', 'kind = "cell_therapy_unit"')
    at = line_of(bad, '[[sites]]\ncode = "UTCT"')
    assert problems(bad) == [f'bad.toml:{at}: sites: expected at least one site of kind "icu", found none']


@pytest.mark.parametrize("section", ["arms", "sites", "qc", "outcomes"])
def test_a_list_may_not_be_something_else(section: str) -> None:
    kept = re.sub(rf"(?ms)^\[\[{section}\]\]$.*?(?=^\[(?!\[?{section}))", "", GOOD)
    for instead in ("[]", "[1]", "5", '"none"'):
        assert f"bad.toml:1: {section}: expected a list of tables, found {instead}" in problems(
            f"{section} = {instead}\n{kept}"
        )


def test_an_empty_file_lacks_every_section() -> None:
    said = {problem.removeprefix("bad.toml:1: ") for problem in problems("")}
    assert {"trial: missing", "timing: missing", "sites: missing", "qc: missing"} <= said
    assert len(said) == len(problems("")) == 16


def test_bytes_that_are_no_text_are_refused_on_their_line() -> None:
    bad = GOOD.encode().replace(b"Brain death", b"Brain \xe9 death")
    assert problems(bad) == [f"bad.toml:{line_of(GOOD, 'Brain death')}: not UTF-8 text: invalid continuation byte"]


def test_a_file_cut_off_is_refused_at_its_end() -> None:
    cut = GOOD[: GOOD.index("360, 1440")]
    (problem,) = problems(cut)
    assert problem.startswith(f"bad.toml:{cut.count(chr(10)) + 1}: not TOML: ")


def test_lists_in_lists_without_end_are_refused() -> None:
    assert problems("x = " + "[\n" * 5000) == ["bad.toml:1: tables or lists nested too deeply to be read"]


def test_windows_line_ends_and_byte_order_mark_change_no_line() -> None:
    bad = changed("hold = { value = 120", "hold = { value = -1")
    assert problems(b"\xef\xbb\xbf" + bad.replace("\n", "\r\n").encode()) == problems(bad)
    assert protocols.loads(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), "good.toml").id == "CHOCMSC"


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ProtocolError, match=rf"^{path.name}:1: cannot be read: "):
            protocols.load(path)


def test_a_window_may_be_the_whole_week() -> None:
    trial = protocols.loads(changed('end = "Fri 08:00"', 'end = "Mon 08:00"').encode(), "good.toml")
    assert str(trial.window) == "Mon 08:00 - Mon 08:00"
