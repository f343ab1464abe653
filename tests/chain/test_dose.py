"""The dose: exact in whole cells, never more than there is, never short by more than a microlitre holds."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from custody.chain.dose import to_draw, viable_cells, within
from custody.chain.units import Cells, CellsPerMl, Grams, Microlitres

from .trial import PROTOCOL


@dataclass(frozen=True)
class Bag:
    viable_cells_per_ml: int
    volume_ul: int


BAGS = some.lists(some.builds(Bag, some.integers(0, 10**9), some.integers(0, 10**6)), max_size=5).map(tuple)


def test_the_worked_example():
    draw = to_draw(Cells(70_000_000), (Bag(5_000_000, 20_000),))
    assert (draw.volumes, draw.total, draw.cells) == ((14_000,), 14_000, 70_000_000)


def test_a_first_bag_is_emptied_before_the_second_is_begun():
    draw = to_draw(Cells(70_000_000), (Bag(5_000_000, 10_000), Bag(4_000_000, 10_000)))
    assert (draw.volumes, draw.cells) == ((10_000, 5_000), 70_000_000)


def test_a_bag_without_a_living_cell_is_left_alone():
    draw = to_draw(Cells(70_000_000), (Bag(0, 10_000), Bag(5_000_000, 20_000)))
    assert draw.volumes == (0, 14_000)


@given(some.integers(0, 10**10), BAGS)
def test_a_draw_reaches_the_dose_or_empties_every_bag_with_cells(prescribed, bags):
    draw = to_draw(Cells(prescribed), bags)
    emptied = all(v == bag.volume_ul for v, bag in zip(draw.volumes, bags, strict=True) if bag.viable_cells_per_ml)
    assert draw.cells >= prescribed or emptied


@given(some.integers(0, 10**10), BAGS)
def test_a_draw_takes_no_more_than_a_bag_holds_and_a_microlitre_over(prescribed, bags):
    draw = to_draw(Cells(prescribed), bags)
    assert all(0 <= volume <= bag.volume_ul for volume, bag in zip(draw.volumes, bags, strict=True))
    densest = max((bag.viable_cells_per_ml for bag in bags), default=0)
    assert draw.cells <= prescribed + densest // 1000 + 1


@given(some.integers(0, 10**10), BAGS)
def test_the_cells_of_a_draw_are_those_of_its_volumes(prescribed, bags):
    draw = to_draw(Cells(prescribed), bags)
    parts = zip(draw.volumes, bags, strict=True)
    assert draw.cells == sum(viable_cells(CellsPerMl(bag.viable_cells_per_ml), volume) for volume, bag in parts)


@given(some.integers(30_000, 200_000))
def test_the_prescribed_dose_is_cells_per_kilogram_times_weight_to_the_cell(weight_g):
    cells, albumin = PROTOCOL.arms
    assert PROTOCOL.prescribed(cells, Grams(weight_g)) == weight_g * 1000
    assert PROTOCOL.prescribed(albumin, Grams(weight_g)) == 0


@given(some.integers(0, 10**12), some.integers(0, 10**6))
def test_viable_cells_are_rounded_down(concentration, volume):
    exact = concentration * volume
    found = viable_cells(CellsPerMl(concentration), Microlitres(volume))
    assert found * 1000 <= exact < (found + 1) * 1000


@pytest.mark.parametrize(("actual", "holds"), [(90, True), (110, True), (89, False), (111, False)])
def test_a_tolerance_holds_its_limits(actual, holds):
    assert within(actual, 100, 100) is holds


@given(some.integers(0, 10**12), some.integers(0, 10**12), some.integers(0, 1000))
def test_a_tolerance_says_what_its_fraction_says(actual, asked, tolerance):
    assert within(actual, asked, tolerance) == (abs(actual - asked) <= Fraction(asked * tolerance, 1000))
