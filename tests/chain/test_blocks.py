"""Blocks: a list is whole blocks in the trial's ratio, whoever drew it; too few places are told with the last list."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.chain.administration import LoadRandomisation
from custody.chain.blocks import broken_at, division, is_size
from custody.chain.refusals import Reason
from custody.chain.things import Stratum, stratum_code
from custody.ledger.entry import LONGEST_ENTRY, encode

from .journey import at
from .people import STATISTICIAN
from .trial import PROTOCOL

AB, ABB = ("A", "B"), ("A", "B", "B")


@pytest.mark.parametrize(
    ("arms", "smallest", "sizes", "place"),
    [
        ("", AB, (2,), None),
        ("ABBAAB", AB, (2,), None),
        ("AABB", AB, (2,), 1),
        ("AABBAB", AB, (2, 4), None),
        ("ABAABB", AB, (2, 4), None),
        ("ABAAAB", AB, (2, 4), 3),
        ("ABA", AB, (2,), None),
        ("AA", AB, (4,), None),
        ("AAA", AB, (4,), 1),
        ("ABABAA", AB, (4,), None),
        ("BABBBA", ABB, (3,), None),
        ("BABBAA", ABB, (3,), 4),
        ("ABC", AB, (2,), 3),
    ],
)
def test_a_list_is_no_row_of_blocks_from_the_place_that_is_told(arms, smallest, sizes, place):
    assert broken_at(arms, smallest, sizes) == place


@given(st.lists(st.sampled_from([2, 4, 6]), max_size=8), st.randoms())
def test_whatever_is_put_together_from_blocks_is_one_list_and_cut_anywhere_too(sizes, random):
    drawn = []
    for size in sizes:
        block = [*AB] * (size // 2)
        random.shuffle(block)
        drawn += block
    assert broken_at(drawn, AB, (2, 4, 6)) is None
    found = division(drawn, AB, (2, 4, 6))
    assert sum(found) == len(drawn)
    ends = [sum(found[: number + 1]) for number in range(len(found))]
    assert all(drawn[end - size : end].count("A") * 2 == size for end, size in zip(ends, found, strict=True))
    assert broken_at(drawn[: random.randint(0, len(drawn))], AB, (2, 4, 6)) is None


@given(st.lists(st.sampled_from(AB), min_size=1, max_size=40))
def test_no_stretch_of_a_list_that_is_taken_has_the_arms_further_apart_than_a_block(arms):
    ahead = [arms[:place].count("A") - arms[:place].count("B") for place in range(len(arms) + 1)]
    if broken_at(arms, AB, (2, 4)) is None:
        assert max(map(abs, ahead)) <= 2


def test_a_size_is_a_whole_multiple_of_the_smallest_block():
    assert [text for text in ("2", "100", "6") if not is_size(text, AB)] == []
    assert [text for text in ("", "0", "1", "3", "102", "00002", "+2", "²", "2 ") if is_size(text, AB)] == []


@pytest.fixture
def world():
    world = at("stocked").world
    del world.things[Stratum.PLANE, stratum_code("DIJ")]
    return world


def loading(*arms, blocks=("2",), site="DIJ", short=False):
    return LoadRandomisation(site=site, arms=arms, blocks=blocks, short=short)


def test_a_list_that_is_not_balanced_is_refused_with_the_place(world):
    (refusal,) = world.ask(loading("MSC", "PLACEBO", "MSC", "MSC"), STATISTICIAN)
    assert refusal.reason is Reason.UNBALANCED
    assert refusal.text == "From place 3 on, no block of 2 holds the arms in the ratio of the protocol."


def test_a_size_that_is_none_is_refused_each_once(world):
    refusals = world.ask(loading("MSC", "PLACEBO", "MSC", "PLACEBO", blocks=("3", "two", "3")), STATISTICIAN)
    assert [(refusal.reason, refusal.facts["size"]) for refusal in refusals] == [
        (Reason.BLOCK_SIZE, "3"),
        (Reason.BLOCK_SIZE, "two"),
    ]


def test_the_last_list_says_when_all_have_too_few_places(world):
    world.protocol = replace(PROTOCOL, participants=20)
    (refusal,) = world.ask(loading("MSC", "PLACEBO", short=True), STATISTICIAN)
    assert refusal.reason is Reason.TOO_FEW_PLACES
    assert refusal.text == "All lists together have 8 places; the trial has 20 participants."
    world.do(loading(*("MSC", "PLACEBO") * 7), STATISTICIAN)


def test_a_list_before_the_last_may_be_short(world):
    del world.things[Stratum.PLANE, stratum_code("NAN")]
    (refusal,) = world.ask(loading("MSC", "PLACEBO"), STATISTICIAN)
    assert refusal.reason is Reason.SHORT_LIST
    assert refusal.text.startswith("This list is short: 2 places. The site’s share of the trial’s participants is 4")
    world.do(loading("MSC", "PLACEBO", short=True), STATISTICIAN)


def test_a_list_that_ends_inside_a_block_was_cut_and_is_refused(world):
    cut = ("MSC", "PLACEBO", "PLACEBO", "MSC", "MSC", "PLACEBO")
    (refusal,) = world.ask(loading(*cut, blocks=("4",)), STATISTICIAN)
    assert refusal.reason is Reason.CUT_LIST
    assert refusal.text == "The list ends inside a block: its last 2 places are no whole block of 4."
    world.do(loading(*cut, "PLACEBO", "MSC", blocks=("4",)), STATISTICIAN)


def test_a_list_is_loaded_only_with_a_signature(world):
    assert world.reasons(loading("MSC", "PLACEBO", "MSC", "PLACEBO"), STATISTICIAN, signed=False) == {Reason.SIGNATURE}


def test_the_longest_list_fits_into_its_record_and_a_longer_one_is_refused_in_words(world):
    command = loading(*("MSC", "PLACEBO") * 1000)
    world.do(command, STATISTICIAN)
    del world.things[Stratum.PLANE, stratum_code("DIJ")]
    arms = tuple(replace(arm, code=code) for arm, code in zip(PROTOCOL.arms, ("A" * 16, "B" * 16), strict=True))
    world.protocol = replace(PROTOCOL, arms=arms)
    (refusal,) = world.ask(loading(*("A" * 16, "B" * 16) * 700), STATISTICIAN)
    assert (refusal.reason, refusal.text) == (
        Reason.LONG_LIST,
        "A list of these arms has at most 1188 places; 1400 found.",
    )
    world.do(loading(*("A" * 16, "B" * 16) * 594), STATISTICIAN)
    sealed = world.entries[-1].change
    entry = {"payload": dict(sealed.payload), "commits": dict(sealed.commits), "rest": "x" * 1500}
    assert len(encode(entry)) <= LONGEST_ENTRY


def test_a_ratio_other_than_one_to_one_is_held(world):
    world.protocol = replace(PROTOCOL, ratio=(1, 2), participants=4)
    assert world.reasons(loading("MSC", "MSC", "PLACEBO", blocks=("3",)), STATISTICIAN) == {Reason.UNBALANCED}
    world.do(loading("PLACEBO", "MSC", "PLACEBO", blocks=("3",)), STATISTICIAN)


def test_the_open_half_names_the_site_and_nothing_of_the_list(world):
    world.do(loading("MSC", "PLACEBO", "MSC", "PLACEBO"), STATISTICIAN)
    openly, sealed = world.entries[-2:]
    assert (openly.change.type, openly.change.payload) == ("randomisation_committed", {"site": "DIJ"})
    assert sealed.change.commits == {"arms": ["MSC", "PLACEBO", "MSC", "PLACEBO"], "site": "DIJ"}
    assert sealed.change.payload["blocks"] == ["2"]
    assert sealed.change.payload["sha256"] == sha256(b"MSC\nPLACEBO\nMSC\nPLACEBO\n").hexdigest()
