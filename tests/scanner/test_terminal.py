"""The same texts into the commands that take a code: exit codes and one line, never a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scanner import oracle
from tests.scanner.ground import Ground
from tests.test_cli import custody

NUMBER = re.compile(r"(NAN|DIJ|STR)-[0-9]{1,9}", re.IGNORECASE)
"""A participant's trial number, which is traced too."""


@pytest.mark.parametrize(
    "words",
    [("code", "--"), ("trace", "--"), ("label", "--out", "label.svg", "--", "cryobag")],
    ids=lambda words: words[0],
)
def test_a_command_takes_no_text_for_what_it_is_not(ground: Ground, words: tuple[str, ...], tmp_path: Path) -> None:
    ends = set()
    typed = [word.replace("label.svg", str(tmp_path / "label.svg")) for word in words]
    for text in ground.some(60):
        ran = custody(ground.folder, *typed, text)
        assert ran.returncode in {0, 1, 2}, text
        assert "Traceback" not in ran.stderr
        named = oracle.names(text)
        if ran.returncode == 0:
            if words[0] == "trace" and NUMBER.fullmatch(text.strip()):
                continue
            assert named, text
            assert words[0] == "code" or named[1] in ground.known, text
        else:
            assert ran.stderr.startswith(("custody: ", "usage: ")), text
        ends.add(ran.returncode)
    assert ends >= {0, 1}
