"""Randomisation lists: balanced in every block, each as likely, and refused from a file with the line that is wrong."""

from collections import Counter
from collections.abc import Callable
from itertools import permutations
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import protocols
from custody.randomisation import (
    ListError,
    SeededBytes,
    SizeError,
    below,
    lists_for,
    permuted_blocks,
    read_csv,
    read_sizes,
    shuffled,
    write_csv,
)

TRIAL = protocols.load(protocols.builtin()["chocmsc"])
ARMS = ("MSC", "PLACEBO")
SIZES = (4, 6)
BROKEN = "expected blocks of 4 or 6 that hold the arms in the protocol's ratio, found none from place"


def given_bytes(*values: int) -> Callable[[int], bytes]:
    """Give a source of exactly these bytes."""
    rest = iter(values)
    return lambda count: bytes(next(rest) for _ in range(count))


# --- drawing


@given(st.integers(0, 2**64), st.integers(1, 200), st.sets(st.sampled_from([2, 4, 6, 8]), min_size=1))
def test_a_list_is_long_enough_and_balanced_at_its_end(seed: int, places: int, sizes: set[int]) -> None:
    drawn = permuted_blocks(ARMS, sorted(sizes), places, SeededBytes(seed, "test"))
    assert places <= len(drawn) < places + max(sizes)
    counts = Counter(drawn)
    assert counts["MSC"] == counts["PLACEBO"] == len(drawn) // 2


@given(st.integers(0, 2**64))
def test_no_stretch_of_a_list_strays_further_than_one_block_allows(seed: int) -> None:
    drawn = permuted_blocks(ARMS, [2, 4], 100, SeededBytes(seed, "test"))
    ahead = 0
    for arm in drawn:
        ahead += 1 if arm == "MSC" else -1
        assert abs(ahead) <= 2


def test_three_arms_are_balanced_too_each_by_its_share() -> None:
    drawn = Counter(permuted_blocks("ABCC", [4, 8], 50, SeededBytes(1, "test")))
    assert drawn["A"] == drawn["B"] == drawn["C"] // 2


@pytest.mark.parametrize("text", ["2,3", "0", "", "four", "-2", "102", "4;6", "２"])
def test_a_size_that_cannot_be_balanced_is_refused(text: str) -> None:
    with pytest.raises(SizeError, match="multiples of 2 up to 100, as 4,6; found"):
        read_sizes(text, TRIAL)


def test_sizes_are_read_in_any_order_each_once() -> None:
    assert read_sizes(" 6, 4,6", TRIAL) == (4, 6)


def test_bytes_that_would_favour_small_numbers_are_drawn_again() -> None:
    assert below(6, given_bytes(255, 252, 5)) == 5
    assert below(6, given_bytes(251)) == 5
    assert below(1, given_bytes(200)) == 0
    assert below(257, given_bytes(0xFF, 0xFF, 0x01, 0x00)) == 256


def chi_square(counts: Counter[tuple[str, ...]], kinds: int) -> float:
    expected = counts.total() / kinds
    return sum((count - expected) ** 2 / expected for count in counts.values()) + (kinds - len(counts)) * expected


def test_every_order_of_a_block_is_as_likely() -> None:
    source = SeededBytes(7, "test")
    counts = Counter(permuted_blocks(ARMS, [4], 4, source) for _ in range(12_000))
    assert len(counts) == comb(4, 2)
    assert chi_square(counts, 6) < 20.5  # 0.1 % for 5 degrees of freedom


def test_every_order_of_four_things_is_as_likely() -> None:
    source = SeededBytes(8, "test")
    counts = Counter(tuple(shuffled("abcd", source)) for _ in range(24_000))
    assert set(counts) == set(permutations("abcd"))
    assert chi_square(counts, 24) < 49.7  # 0.1 % for 23 degrees of freedom


def test_both_block_sizes_are_drawn_as_often() -> None:
    source = SeededBytes(9, "test")
    lengths = Counter(len(permuted_blocks(ARMS, [2, 4], 1, source)) for _ in range(4_000))
    assert abs(lengths[2] - 2_000) < 150
    assert lengths.total() == lengths[2] + lengths[4]


def test_a_seed_gives_the_same_bytes_and_another_use_gives_others() -> None:
    first, again, other, use = SeededBytes(1, "a"), SeededBytes(1, "a"), SeededBytes(2, "a"), SeededBytes(1, "b")
    drawn = first(40)
    assert drawn == again(10) + again(30)
    assert len({drawn, other(40), use(40)}) == 3


def test_each_ward_gets_a_list_of_its_own_and_the_unit_none() -> None:
    lists = lists_for(TRIAL, SIZES, 66, SeededBytes(1, "test"))
    assert set(lists) == {"NAN", "DIJ", "STR"}
    assert len(set(lists.values())) == 3


# --- files


@given(st.integers(0, 2**32), st.integers(1, 80))
def test_a_written_list_is_read_back(seed: int, places: int) -> None:
    lists = lists_for(TRIAL, SIZES, places, SeededBytes(seed, "test"))
    assert read_csv(write_csv(lists).encode(), "list.csv", TRIAL, SIZES) == lists


def test_semicolons_blank_lines_and_a_byte_order_mark_are_welcome() -> None:
    data = "\ufeffSite;Place;Arm\r\nNAN;1;MSC\r\n\r\nNAN; 2 ;PLACEBO\r\n".encode()
    assert read_csv(data, "list.csv", TRIAL, (2,)) == {"NAN": ("MSC", "PLACEBO")}


def test_a_list_cut_within_a_block_is_told_at_its_last_line() -> None:
    data = b"site,place,arm\nNAN,1,MSC\nNAN,2,MSC\n"
    with pytest.raises(ListError, match=r"list\.csv:3: NAN: .* its last 2 places to be none: was the file cut\?"):
        read_csv(data, "list.csv", TRIAL, SIZES)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("LYO,1,MSC", "list.csv:2: site: expected one of NAN, DIJ, STR, found 'LYO'"),
        ("UTCT,1,MSC", "list.csv:2: site: expected one of NAN, DIJ, STR, found 'UTCT'"),
        ("NAN,1,CELLS", "list.csv:2: arm: expected one of MSC, PLACEBO, found 'CELLS'"),
        ("NAN,2,MSC", "list.csv:2: place: expected 1, the next of NAN, found '2'"),
        ("NAN,one,MSC", "list.csv:2: place: expected 1, the next of NAN, found 'one'"),
        ("NAN,1,MSC\nNAN,3,PLACEBO", "list.csv:3: place: expected 2, the next of NAN, found '3'"),
        (
            "NAN,1,MSC\nNAN,1,PLACEBO",
            "list.csv:3: place: expected 2, the next of NAN, found '1' (it stands above already)",
        ),
        ("NAN,1", "list.csv:2: expected 3 values, found 2"),
        ("", "list.csv:1: expected at least one place, found none"),
        (
            "\n".join(f"NAN,{place},MSC" for place in range(1, 6)),
            f"list.csv:2: NAN: {BROKEN} 1 on",
        ),
        (
            "NAN,1,MSC\nDIJ,1,MSC\n" + "\n".join(f"NAN,{at},{ARMS[at > 3]}" for at in range(2, 14)),
            f"list.csv:9: NAN: {BROKEN} 7 on",
        ),
    ],
)
def test_a_wrong_row_is_told_with_its_line(rows: str, said: str) -> None:
    with pytest.raises(ListError) as wrong:
        read_csv(f"site,place,arm\n{rows}\n".encode(), "list.csv", TRIAL, SIZES)
    assert said in wrong.value.problems


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "list.csv:1: expected the columns site, place, arm, found ''"),
        (b"place,site,arm\n", "list.csv:1: expected the columns site, place, arm, found 'place,site,arm'"),
        (b"site,place,arm\nNAN,1,\xff\n", "list.csv:2: expected text in UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_told_so(data: bytes, said: str) -> None:
    with pytest.raises(ListError) as wrong:
        read_csv(data, "list.csv", TRIAL, SIZES)
    assert wrong.value.problems == (said,)


def test_places_that_are_shifted_are_told_once_for_each_site() -> None:
    rows = [f"{site},{place},{ARMS[place % 2]}" for site in ("NAN", "DIJ") for place in (1, *range(3, 12))]
    rows.insert(4, "NAN,5,CELLS")
    with pytest.raises(ListError) as wrong:
        read_csv("\n".join(["site,place,arm", *rows]).encode(), "list.csv", TRIAL, SIZES)
    assert wrong.value.problems == (
        "list.csv:3: place: expected 2, the next of NAN, found '3'",
        "list.csv:6: arm: expected one of MSC, PLACEBO, found 'CELLS'",
        "list.csv:14: place: expected 2, the next of DIJ, found '3'",
    )


def test_of_many_problems_the_first_are_told_and_the_others_counted() -> None:
    rows = "\n".join("LYO,1,MSC" for _ in range(50))
    with pytest.raises(ListError) as wrong:
        read_csv(f"site,place,arm\n{rows}\n".encode(), "list.csv", TRIAL, SIZES)
    assert len(wrong.value.problems) == 21
    assert wrong.value.problems[-1] == "list.csv: and 31 more"
