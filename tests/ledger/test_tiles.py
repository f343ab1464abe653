"""Names and bytes of tiles, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from custody.ledger import tiles


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("tile/0/000", (0, 0, 256)),
        ("tile/63/x001/x234/067", (63, 1_234_067, 256)),
        ("tile/entries/x001/000.p/255", (None, 1000, 255)),
        ("tile/entries/999.p/1", (None, 999, 1)),
    ],
)
def test_paths_are_those_of_the_specification(path: str, place: tuple[int | None, int, int]) -> None:
    assert tiles.parse_path(path) == place
    assert tiles.Place(*place).path == path


@given(some.none() | some.integers(0, 63), some.integers(0, 10**12), some.integers(1, 256))
def test_every_path_reads_back(level: int | None, number: int, width: int) -> None:
    path = tiles.entries_path(number, width) if level is None else tiles.tile_path(level, number, width)
    assert tiles.parse_path(path) == (level, number, width)


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/0", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000"]
    + [
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/X001/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
    ]
    + ["tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/٠٠٠"]
    + ["tile/data/000", "tile/entries/../000", "tile/0/000.p/999"],
)
def test_other_spellings_name_nothing(path: str) -> None:
    with pytest.raises(tiles.BadPath):
        tiles.parse_path(path)


def test_the_files_of_a_log_are_those_of_the_specification() -> None:
    names = [place.path for place in tiles.places(70_000)]
    assert len(names) == 2 * 274 + 2 + 1
    assert {"tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= set(names)
    assert [place.path for place in tiles.places(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    assert not list(tiles.places(0))


@given(some.lists(some.binary(max_size=40), min_size=1, max_size=256))
def test_bundles_read_back(entries: list[bytes]) -> None:
    assert tiles.decode_entries(tiles.encode_entries(entries)) == entries


def test_the_largest_entry_fits_and_one_byte_more_does_not() -> None:
    assert tiles.encode_entries([bytes(65_535)])[:2] == b"\xff\xff"
    with pytest.raises(tiles.BadBundle, match="65536"):
        tiles.encode_entries([bytes(65_536)])


@pytest.mark.parametrize("data", [b"", b"\0", b"\0\2a", b"\0\1a\0", b"\0\1a\0\1", b"\0\0" * 257])
def test_bundles_that_do_not_come_out_even_are_refused(data: bytes) -> None:
    with pytest.raises(tiles.BadBundle):
        tiles.decode_entries(data)


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_one_to_256_entries(count: int) -> None:
    with pytest.raises(tiles.BadBundle):
        tiles.encode_entries([b""] * count)


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33), bytes(257 * 32)])
def test_rows_of_hashes_are_whole(data: bytes) -> None:
    assert tiles.decode_hashes(tiles.encode_hashes([bytes(32)] * 256)) == [bytes(32)] * 256
    with pytest.raises(tiles.BadBundle):
        tiles.decode_hashes(data)
