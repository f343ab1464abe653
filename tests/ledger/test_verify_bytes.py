"""No byte of an exported ledger can be another: whichever it is, the report says in which file, and at which entry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from custody.ledger.folder import check_keys, check_texts
from custody.ledger.keys import Verifier
from custody.ledger.tiles import decode_entries, parse_path
from custody.ledger.verify import Report, Trust, verify, verify_folder

from .ledgers import PROTOCOL, Ledger, files, large_ledger, small_ledger

SMALL = small_ledger(5)
TRUSTED = [Verifier.from_vkey(vkey) for vkey in SMALL.vkeys]
BESIDE = ["README.txt", "vkeys", "protocol.toml"]
INSIDE = ["open/checkpoint", "open/tile/entries/000.p/5", "open/tile/0/000.p/5"]
INSIDE += ["sealed/checkpoint", "sealed/tile/entries/000.p/3", "sealed/tile/0/000.p/3"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SMALL.write(tmp_path_factory.mktemp("small") / "ledger")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ledger, Path]:
    ledger = large_ledger()
    return ledger, ledger.write(tmp_path_factory.mktemp("large") / "ledger")


@dataclass
class Copy:
    """A log's files in memory, of which one can be another."""

    files: dict[str, bytes]

    def names(self) -> set[str]:
        return set(self.files)

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


@contextmanager
def flipped_in(path: Path, place: int) -> Iterator[None]:
    """Have one bit of a byte of a file flipped, written in place: many times faster than the file anew."""
    right = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        os.pwrite(file.fileno(), flipped(right, place)[place : place + 1], place)
        yield
        os.pwrite(file.fileno(), right[place : place + 1], place)


def entry_at(bundle: bytes, place: int) -> int:
    """Give the number, within its bundle, of the entry that a byte belongs to."""
    ends, end = [], 0
    for data in decode_entries(bundle):
        end += 2 + len(data)
        ends.append(end)
    return next(number for number, end in enumerate(ends) if place < end)


def named(folder: Path, name: str, place: int) -> tuple[str, str]:
    """Give how the place of a finding must begin and end when this byte of a file was flipped."""
    log, _, inside = name.partition("/")
    if not inside.startswith("tile/"):
        return name, ""
    level, number, _ = parse_path(inside)
    if level is None:
        return f"{log}/tile", f", entry {number * 256 + entry_at((folder / name).read_bytes(), place)}"
    first = (number * 256 + place // 32) * 256**level
    return f"{name}, hash {place // 32}", f", entry {first}{' and those after it' if level else ''}"


def expect_named(folder: Path, name: str, place: int, report: Report) -> None:
    start, end = named(folder, name, place)
    places = [finding.where for finding in report.findings]
    assert any(where.startswith(start) and where.endswith(end) for where in places), f"{name}, byte {place}: {places}"


def test_the_small_ledger_has_these_files_and_no_finding(small: Path) -> None:
    assert sorted(files(small)) == sorted(BESIDE + INSIDE)
    report = verify_folder(small, SMALL.vkeys)
    assert (report.ok, report.findings) == (True, [])


@pytest.mark.parametrize("name", ["README.txt", "vkeys"])
def test_no_byte_of_readme_and_keys_can_be_flipped(small: Path, name: str) -> None:
    """By the check of these two files alone: they are long, and each of their bytes is tried."""
    for place in range((small / name).stat().st_size):
        report = Report()
        with flipped_in(small / name, place):
            check_keys(small, TRUSTED, report)
            check_texts(small, report)
        assert {finding.where.split(",")[0] for finding in report.findings} == {name}, place
    assert verify_folder(small, SMALL.vkeys).ok


def test_no_byte_of_the_protocol_can_be_flipped(small: Path) -> None:
    for place in range(len(PROTOCOL)):
        with flipped_in(small / "protocol.toml", place):
            report = verify_folder(small, SMALL.vkeys)
        expect_named(small, "protocol.toml", place, report)


@pytest.mark.parametrize("name", INSIDE)
def test_no_byte_of_a_small_log_can_be_flipped(small: Path, name: str) -> None:
    log, _, inside = name.partition("/")
    right = {path: item.read_bytes() for path, item in files(small / log).items()}
    trust = Trust(TRUSTED, sha256(PROTOCOL).hexdigest())
    assert [finding.what for finding in verify({log: Copy(right)}, trust).findings] == ["log"] * (log == "sealed")
    for place in range(len(right[inside])):
        wrong = Copy(right | {inside: flipped(right[inside], place)})
        expect_named(small, name, place, verify({log: wrong}, trust))


def test_no_sampled_byte_of_a_large_ledger_can_be_flipped(large: tuple[Ledger, Path]) -> None:
    ledger, folder = large
    assert verify_folder(folder, ledger.vkeys).ok
    names = files(folder)
    assert {"open/tile/entries/001", "open/tile/0/002.p/188", "open/tile/1/000.p/2"} <= set(names)
    for name, path in names.items():
        for place in Random(name).sample(range(path.stat().st_size), 8):
            with flipped_in(path, place):
                report = verify_folder(folder, ledger.vkeys)
            expect_named(folder, name, place, report)


def test_no_file_can_be_shortened_or_lengthened_by_a_byte(small: Path) -> None:
    for name in BESIDE + INSIDE:
        data = (small / name).read_bytes()
        for other in (data[:-1], data + b"\0", data + data, b""):
            (small / name).write_bytes(other)
            report = verify_folder(small, SMALL.vkeys)
            assert any(finding.where.startswith(name) for finding in report.findings), f"{name}, {len(other)} bytes"
        (small / name).write_bytes(data)
    assert verify_folder(small, SMALL.vkeys).ok
