"""What lies in an exported ledger's folder: everything that must, and nothing else."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from custody.ledger.readme import KNOWN
from custody.ledger.source import LARGEST_FILE
from custody.ledger.verify import Report, verify_folder

from .ledgers import files, large_ledger, small_ledger, told

SMALL = small_ledger()
LARGE = large_ledger()
SMALL_FILES = ["README.txt", "vkeys", "protocol.toml"]
SMALL_FILES += ["open/checkpoint", "open/tile/entries/000.p/13", "open/tile/0/000.p/13"]
SMALL_FILES += ["sealed/checkpoint", "sealed/tile/entries/000.p/3", "sealed/tile/0/000.p/3"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return SMALL.write(tmp_path / "ledger")


def verify(folder: Path) -> Report:
    return verify_folder(folder, SMALL.vkeys)


@pytest.mark.parametrize("name", SMALL_FILES)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in {where for where, _ in told(verify(folder))}


def test_each_missing_file_of_a_large_ledger_is_named(tmp_path: Path) -> None:
    folder = LARGE.write(tmp_path / "large")
    for name, path in files(folder).items():
        data = path.read_bytes()
        path.unlink()
        assert name in {where for where, _ in told(verify_folder(folder, LARGE.vkeys))}
        path.write_bytes(data)
    assert verify_folder(folder, LARGE.vkeys).ok


@pytest.mark.parametrize(
    "name",
    ["notes.txt", ".hidden", "open/more", "open/tile/0/000", "open/tile/entries/000.p/12", "open/tile/1/000.p/1"]
    + ["open/tile/entries/001", "open/tile/entries/000.p/13.bak", "sealed/tile/x", "vkeys~", "closed/checkpoint"],
)
def test_an_added_file_is_named(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"more")
    named = "closed" if name.startswith("closed") else name
    assert (named, "file") in told(verify(folder))


def test_an_empty_folder_is_named(folder: Path) -> None:
    (folder / "open/tile/2/x001").mkdir(parents=True)
    assert told(verify(folder)) == [("open/tile/2/x001", "file")]


@pytest.mark.parametrize("name", SMALL_FILES)
def test_a_link_is_named_though_it_leads_to_the_right_bytes(folder: Path, tmp_path: Path, name: str) -> None:
    moved = (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(moved)
    assert (name, "file") in told(verify(folder))


@pytest.mark.parametrize("name", ["open", "sealed", "open/tile", "sealed/tile/entries"])
def test_a_linked_folder_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    moved = (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(moved, target_is_directory=True)
    assert (name, "file") in told(verify(folder))


def test_a_link_to_nowhere_is_named(folder: Path) -> None:
    (folder / "open/more").symlink_to("nowhere")
    assert told(verify(folder)) == [("open/more", "file")]


@pytest.mark.parametrize("name", SMALL_FILES)
def test_a_pipe_in_the_place_of_a_file_is_named_and_not_waited_for(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert (name, "file") in told(verify(folder))


@pytest.mark.parametrize("name", ["open", "sealed"])
def test_a_file_in_the_place_of_a_log_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).write_bytes(b"")
    assert (name, "file") in told(verify(folder))


@pytest.mark.parametrize("name", SMALL_FILES)
def test_a_folder_in_the_place_of_a_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert (name, "file") in told(verify(folder))


@pytest.mark.parametrize("name", ["open/checkpoint", "open/tile/entries/000.p/13", "open/tile/0/000.p/13"])
def test_a_file_larger_than_any_may_be_is_not_read_to_its_end(folder: Path, name: str) -> None:
    os.truncate(folder / name, LARGEST_FILE + 1)
    report = verify(folder)
    assert any(line.where == name and f"at most {LARGEST_FILE} bytes" in line.expected for line in report.findings)


def test_a_name_that_would_write_on_the_terminal_is_shown_in_escapes(folder: Path) -> None:
    (folder / "open/a\x1b[2Jb\n").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(folder / "open") + b"/\xff")).write_bytes(b"")
    assert told(verify(folder)) == [("open/a\\x1b[2Jb\\n", "file"), ("open/\\udcff", "file")]


@pytest.mark.parametrize("path", ["nothing", "file"])
def test_no_folder_at_all_is_a_finding_for_everything(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = {where for where, _ in told(verify(tmp_path / path))}
    assert {"open", "vkeys", "protocol.toml", "README.txt"} <= found


# --- vkeys ------------------------------------------------------------------------------------


def test_a_line_of_vkeys_that_is_no_key_is_named(folder: Path) -> None:
    path = folder / "vkeys"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], "a+b+c\n", *lines[2:], lines[0]]))
    assert told(verify(folder)) == [("vkeys, line 3", "key"), ("vkeys, line 6", "key")]


def test_a_thousand_lines_of_junk_are_counted(folder: Path) -> None:
    (folder / "vkeys").write_text("junk\n" * 1000)
    report = verify(folder)
    assert len(report.findings) == 31
    assert report.findings[-1].found == "970 more of this kind"


def test_only_a_readme_that_this_program_once_wrote_goes_on_verifying(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "README.txt").write_text("an earlier text\n")
    assert told(verify(folder)) == [("README.txt", "text")]
    monkeypatch.setattr("custody.ledger.folder.KNOWN", KNOWN | {sha256(b"an earlier text\n").hexdigest()})
    assert verify(folder).ok
