"""The README says what is so."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import ModuleType

from custody.chain.step import STEPS
from custody.cli import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_of_steps_is_the_rules_own() -> None:
    found = README.partition("<!-- steps -->\n")[2].partition("<!-- /steps -->")[0]
    assert found == tool("readme").table(), "run `make readme`"


def test_the_table_names_every_state_from_which_a_step_may_be_done() -> None:
    readme = tool("readme")
    for name, command in STEPS.items():
        said = re.split(r"[:,;→] *", readme.moves(command.SPEC))
        missing = {state.replace("_", " ") or "new" for state in command.SPEC.moves} - {part.strip() for part in said}
        assert missing == set(), name
    assert readme.moves(STEPS["hand_over_bag"].SPEC) == (
        "treatment bag: released, received, infused, returned; checked → received"
    )


def test_every_file_that_it_names_is_there() -> None:
    named = re.findall(r"\]\(([^)#:]+)\)", README) + re.findall(r"`((?:custody|labels|templates)/[\w./]*)`", README)
    assert len(named) > 8
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_every_setting_that_it_names_is_read() -> None:
    source = (ROOT / "custody" / "config.py").read_text()
    for name in set(re.findall(r"CUSTODY_\w+|`(?:HOST|PORT)`", README)):
        assert f'"{name.strip("`")}"' in source


def test_the_copy_that_it_gives_is_made_while_a_writer_has_the_ledger_and_is_the_whole_of_it(tmp_path: Path) -> None:
    copies = re.search(r'sqlite3 data/custody\.db "\.backup \'/elsewhere/(custody\.db)\'"', README)
    assert copies is not None
    data, copy = tmp_path / "data", tmp_path / "copy"
    assert main(["demo", "--data", str(data)]) == 0
    copy.mkdir(mode=0o700)
    with (
        closing(sqlite3.connect(data / "custody.db")) as live,
        closing(sqlite3.connect(data / "custody.db")) as reading,
        closing(sqlite3.connect(copy / copies[1])) as made,
    ):
        live.execute("BEGIN IMMEDIATE")
        reading.backup(made)
    shutil.copytree(data / "keys", copy / "keys")
    assert main(["export", "checkpoint", "--data", str(data), "--out", str(tmp_path / "kept")]) == 0
    assert main(["verify", "--data", str(copy), "--replay", "--older", str(tmp_path / "kept")]) == 0


def test_every_command_that_it_gives_exists() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in set(re.findall(r"make ([\w-]+)", README)):
        assert target in targets
