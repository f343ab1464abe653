"""The tables are exactly what the rules do: every move in them happens, and nothing else does."""

import pytest

from custody.chain.disposal import DestroyBag, ReturnBag
from custody.chain.transitions import FINAL, TABLES, states, unfinished_states

from . import ways
from .people import NURSE, SECOND_NURSE, SECOND_TECHNICIAN, TECHNICIAN

WAYS = {
    "whole way, cells": lambda: ways.whole_way("MSC"),
    "whole way, albumin": lambda: ways.whole_way("PLACEBO"),
    "stopped": ways.stopped_without_pause,
    "destroyed, released": lambda: ways.straight("released", DestroyBag, TECHNICIAN, SECOND_TECHNICIAN),
    "destroyed, received": lambda: ways.straight("received", DestroyBag, NURSE, SECOND_NURSE),
    "destroyed, checked": lambda: ways.straight("checked", DestroyBag, NURSE, SECOND_NURSE),
    "destroyed, infused": lambda: ways.straight("infused", DestroyBag, NURSE, SECOND_NURSE),
    "returned, checked": lambda: ways.straight("checked", ReturnBag, NURSE, SECOND_NURSE),
    "brought": ways.brought_by_the_technician,
    "came back": ways.came_back,
    "taken over": ways.taken_over,
    "late on paper": ways.late_on_paper,
    "bench accidents": ways.bench_accidents,
    "few cells": ways.few_cells,
    "one of two breaks": ways.one_of_two_breaks,
    "waits": ways.waits_with_one_reserved,
    "heavy": ways.heavy,
    "out of limits": ways.out_of_limits,
    "prepared anew, diluted": lambda: ways.prepared_anew("diluted"),
    "prepared anew, covered": lambda: ways.prepared_anew("covered"),
    "discarded, ordered": lambda: ways.discarded_at("ordered"),
    "discarded, diluted": lambda: ways.discarded_at("diluted"),
    "discarded, covered": lambda: ways.discarded_at("covered"),
    "other lots": ways.other_lots,
    "around it": ways.around_it,
    "unsealed": ways.unsealed,
    "unsealed in steps": lambda: ways.unsealed(2),
    "code broken": ways.code_broken,
    "sheet opened": ways.sheet_opened,
    "printed": ways.printed,
}


@pytest.fixture(scope="module")
def moves():
    made = set()
    for way in WAYS.values():
        made |= way().moves
    return made


def every_move():
    return {
        (kind, step, before, after)
        for kind, table in TABLES.items()
        for step, row in table.items()
        for before, ends in row.items()
        for after in ends
    }


def test_every_move_of_every_table_happens_and_no_other(moves):
    assert sorted(every_move() - moves) == []
    assert sorted(moves - every_move()) == []


def test_a_final_state_is_a_state_of_its_table():
    for kind, final in FINAL.items():
        assert final <= set(states(kind))
        assert set(unfinished_states(kind)) | final == set(states(kind))


def test_from_every_unfinished_state_a_final_one_can_be_reached():
    for kind, final in FINAL.items():
        for start in unfinished_states(kind):
            reached, ring = {start}, {start}
            while ring:
                ring = {
                    after
                    for row in TABLES[kind].values()
                    for before, ends in row.items()
                    if before in ring
                    for after in ends
                } - reached
                reached |= ring
            assert reached & final, (kind, start)
