"""The commands of an exported ledger's README, run as they stand: what they say, of a good ledger and of a bad one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from custody.ledger import checkpoint, keys
from custody.ledger.readme import README_TXT

from .ledgers import OPEN, PROTOCOL, Ledger, event_id, files, large_ledger, open_entry, small_ledger
from .test_openings import VALUES, another_list, changed_arm, ledger_of, swapped_events, swapped_salts, unknown_order

needs_python3 = pytest.mark.skipif(shutil.which("python3") is None, reason="python3 is not installed")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

LARGE = large_ledger()


def command(first: str) -> str:
    """Give the block of the README that begins so, as somebody would copy it."""
    return next(block for block in README_TXT.split("\n\n") if block.lstrip().startswith(first))


OURS, ROOT, SIGNATURE = command("custody verify"), command("python3 -c"), command("L=open")
OPENINGS, COUNT = command("E=open"), command("LC_ALL=C grep")
PROGRAMS = Path(sys.executable).parent


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, our own program on the path as an installation puts it there."""
    environment = os.environ | {"PATH": f"{os.environ['PATH']}{os.pathsep}{PROGRAMS}"}
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return LARGE.write(tmp_path / "ledger")


def test_the_readme_in_the_folder_is_this_one(folder: Path) -> None:
    assert (folder / "README.txt").read_text() == README_TXT


def run_ours(folder: Path, vkeys: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the README's first command, with files in the places of its three capital words."""
    (folder / "YOUR-KEYS").write_text("".join(f"{vkey}\n" for vkey in vkeys))
    (folder / "YOUR-CHECKPOINT").write_text(LARGE.note(300))
    LARGE.write(folder / "THIS-FOLDER")
    return run(OURS, folder)


def test_our_program_verifies_the_folder_as_the_readme_says(tmp_path: Path) -> None:
    done = run_ours(tmp_path, LARGE.vkeys)
    assert (done.returncode, done.stderr) == (0, "")
    assert "older checkpoint of example.org/trial/open, 300 entries: held against the log." in done.stdout


def test_our_program_run_so_refuses_keys_of_others(tmp_path: Path) -> None:
    done = run_ours(tmp_path, [key.vkey for key in keys.generate(OPEN)])
    assert done.returncode == 1
    assert "open/checkpoint: signature" in done.stdout + done.stderr


@needs_python3
@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 700])
def test_the_root_by_plain_python_is_that_of_the_checkpoint(tmp_path: Path, count: int) -> None:
    folder = Ledger([open_entry(number) for number in range(count)]).write(tmp_path / "x")
    done = run(ROOT, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == (folder / "open/checkpoint").read_text().splitlines()[1:3]


@needs_python3
@pytest.mark.parametrize("name", ["open/tile/entries/000", "open/tile/entries/002.p/188"])
def test_plain_python_gives_another_root_when_an_entry_is_another(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data.replace(b"thawed", b"thawen", 1))
    size, root = run(ROOT, folder).stdout.splitlines()
    assert size == "700"
    assert root != (folder / "open/checkpoint").read_text().splitlines()[2]


@needs_python3
def test_plain_python_in_another_folder_says_that_there_is_no_ledger(tmp_path: Path) -> None:
    done = run(ROOT, tmp_path)
    assert done.returncode != 0
    assert "open/checkpoint" in done.stderr


@needs_python3
@needs_openssl
def test_both_commands_verify_the_sealed_log_too(tmp_path: Path) -> None:
    folder = small_ledger().write(tmp_path / "x")
    root, signature = ROOT.replace("' open", "' sealed"), SIGNATURE.replace("L=open", "L=sealed")
    assert run(root, folder).stdout.splitlines() == (folder / "sealed/checkpoint").read_text().splitlines()[1:3]
    assert run(signature, folder).stdout == "Signature Verified Successfully\n"


@needs_openssl
@pytest.mark.parametrize("count", [0, 13])
def test_openssl_finds_the_signature_good(tmp_path: Path, count: int) -> None:
    done = run(SIGNATURE, Ledger([open_entry(number) for number in range(count)]).write(tmp_path / "x"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "Signature Verified Successfully\n", "")


@needs_openssl
@pytest.mark.parametrize("line", [0, 1, 2])
def test_openssl_finds_a_changed_line_of_the_checkpoint(folder: Path, line: int) -> None:
    path = folder / "open/checkpoint"
    note = path.read_text()
    lines = note.split("\n")
    lines[line] = {0: "example.org/trial/opem", 1: "701", 2: b64encode(bytes(32)).decode()}[line]
    path.write_text("\n".join(lines))
    done = run(SIGNATURE, folder)
    assert done.returncode != 0
    assert "Verified Successfully" not in done.stdout


@needs_openssl
def test_openssl_finds_the_signature_of_another_key(folder: Path) -> None:
    head = checkpoint.read_unverified((folder / "open/checkpoint").read_text())[0]
    (folder / "open/checkpoint").write_text(checkpoint.sign(head, keys.generate(OPEN)))
    done = run(SIGNATURE, folder)
    assert done.returncode != 0
    assert "Signature Verification Failure" in done.stdout + done.stderr


@needs_openssl
def test_a_witness_beside_the_log_does_not_mislead_the_command(folder: Path) -> None:
    path, witness = folder / "open/checkpoint", keys.generate("witness.example/w1")[0]
    note = path.read_text()
    path.write_text(note + checkpoint.signature_line(checkpoint.read_unverified(note)[0], witness))
    (folder / "vkeys").write_text(witness.vkey + "\n" + (folder / "vkeys").read_text())
    assert run(SIGNATURE, folder).stdout == "Signature Verified Successfully\n"


@needs_openssl
def test_openings_are_tried_one_by_one_by_openssl(tmp_path: Path) -> None:
    folder = ledger_of(VALUES, [[1, 2], [4, 5]]).write(tmp_path / "x")
    done = run(OPENINGS, folder)
    assert done.stderr == ""
    values = [json.dumps(value, separators=(",", ":")) for value in VALUES.values()]
    events = [event_id(number) for number in VALUES]
    assert done.stdout.splitlines() == [f"fits: {event} {value}" for event, value in zip(events, values, strict=True)]
    assert run(COUNT, folder).stdout.strip() == "4"


@needs_openssl
@pytest.mark.parametrize(
    ("tamper", "wrong"),
    [(changed_arm, {2}), (another_list, {1}), (swapped_salts, {4, 5}), (swapped_events, {4, 5}), (unknown_order, {3})],
    ids=lambda tamper: getattr(tamper, "__name__", None),
)
def test_openssl_finds_the_openings_that_do_not_fit(
    tmp_path: Path, tamper: Callable[[Ledger], None], wrong: set[int]
) -> None:
    ledger = ledger_of(VALUES, [[1, 2], [4, 5]])
    tamper(ledger)
    lines = run(OPENINGS, ledger.write(tmp_path / "x")).stdout.splitlines()
    assert {line.split(" ")[3] for line in lines if line.startswith("DOES NOT FIT: ")} == {event_id(n) for n in wrong}
    assert sum(line.startswith("fits: ") for line in lines) == len(lines) - len(wrong)


@needs_openssl
def test_before_the_unsealing_no_opening_is_told(tmp_path: Path) -> None:
    folder = ledger_of(VALUES, []).write(tmp_path / "x")
    assert run(OPENINGS, folder).stdout == ""
    assert run(COUNT, folder).stdout.strip() == "4"


def test_the_readme_names_every_file_that_an_export_writes(folder: Path) -> None:
    names = set(files(folder))
    assert {name.split("/")[0] for name in names} == {"open", "sealed", "vkeys", "protocol.toml", "README.txt"}
    for named in ("open/", "sealed/", "checkpoint", "tile/entries/", "tile/0/", "vkeys", "protocol.toml"):
        assert named in README_TXT
        assert any(named in name for name in names)
    assert (folder / "protocol.toml").read_bytes() == PROTOCOL
