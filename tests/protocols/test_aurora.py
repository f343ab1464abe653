"""Another trial is another file: nothing of the shipped one is written in the rules."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import custody.chain
from custody import protocols
from custody.chain import eligibility, expiry
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason
from custody.chain.units import Grams

PATH = Path(__file__).with_name("aurora.toml")


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return protocols.load(PATH)


def reasons(trial: Protocol, site: str, onset: str, waited: timedelta = timedelta(hours=1)) -> Sequence[Reason]:
    place = trial.site(site)
    assert place is not None
    began = datetime.fromisoformat(onset)
    return [refusal.reason for refusal in eligibility.on_the_clock(trial, place, began, began + waited)]


def test_units_of_every_size_become_whole_numbers_of_the_smallest(trial: Protocol) -> None:
    assert (trial.weight_min, trial.weight_max) == (2_500, 40_500)
    assert (trial.volume, trial.volume_tolerance, trial.account_tolerance) == (100_000, 25, 2_500)
    assert (trial.onset, trial.hold, trial.lead, trial.shelf_life) == (2_880, 180, 0, 2_160)
    assert (trial.bath_min, trial.bath_max) == (195, 250)
    assert (trial.transport_min, trial.transport_max) == (-55, 250)
    assert (trial.viability_block, trial.viability_warn) == (605, 605)
    assert trial.observations == (0, 90, 720)


def test_three_arms_of_other_names_have_their_own_doses(trial: Protocol) -> None:
    doses = {arm.code: trial.prescribed(arm, Grams(12_345)) for arm in trial.arms}
    assert doses == {"VEHICLE": 0, "HALF": 6_172_500, "TEN": 123_450_000}
    with pytest.raises(KeyError):
        trial.arm("MSC")


def test_the_arm_of_a_double_share_stands_twice_in_the_smallest_block(trial: Protocol) -> None:
    assert trial.smallest_block == ("VEHICLE", "HALF", "TEN", "TEN")


@pytest.mark.parametrize(
    ("site", "onset", "inside"),
    [
        # winter in Newfoundland, summer in New Zealand: Friday 18:00 and Monday 06:30 on their clocks
        ("YYT", "2026-01-16T21:29:59+00:00", False),
        ("YYT", "2026-01-16T21:30:00+00:00", True),
        ("YYT", "2026-01-19T09:59:59+00:00", True),
        ("YYT", "2026-01-19T10:00:00+00:00", False),
        ("AKL", "2026-01-16T04:59:59+00:00", False),
        ("AKL", "2026-01-16T05:00:00+00:00", True),
        ("AKL", "2026-01-18T17:29:59+00:00", True),
        ("AKL", "2026-01-18T17:30:00+00:00", False),
        # the other half of the year: each an hour away
        ("YYT", "2026-07-17T20:29:59+00:00", False),
        ("YYT", "2026-07-17T20:30:00+00:00", True),
        ("AKL", "2026-07-17T05:59:59+00:00", False),
        ("AKL", "2026-07-17T06:00:00+00:00", True),
        # the week between: never
        ("AKL", "2026-07-22T00:00:00+00:00", False),
    ],
)
def test_a_window_over_the_weekend_opens_and_closes_on_each_sites_own_clock(
    trial: Protocol, site: str, onset: str, inside: bool
) -> None:
    assert (Reason.WINDOW not in reasons(trial, site, onset)) == inside


def test_the_time_since_onset_is_this_trials(trial: Protocol) -> None:
    onset = "2026-07-18T12:00:00+00:00"
    assert reasons(trial, "AKL", onset, timedelta(hours=48, seconds=-1)) == []
    assert reasons(trial, "AKL", onset, timedelta(hours=48)) == [Reason.ONSET]


def test_ready_and_expiry_follow_from_this_trials_hold_lead_and_shelf_life(trial: Protocol) -> None:
    ordered = datetime(2026, 4, 4, 12, tzinfo=UTC)
    ready = expiry.ready_at(trial, ordered)
    assert ready == ordered + timedelta(hours=3)
    assert expiry.earliest_dilution_end(trial, ready) == ready
    assert expiry.expires_at(trial, ready) == ready + timedelta(hours=36)


def test_the_hour_printed_is_that_of_the_site_when_the_clocks_change(trial: Protocol) -> None:
    auckland, newfoundland = trial.site("AKL"), trial.site("YYT")
    assert auckland is not None
    assert newfoundland is not None
    first, second = (datetime(2026, 4, 4, hour, 30, tzinfo=UTC) for hour in (13, 14))
    assert [f"{auckland.local(at):%H:%M %Z}" for at in (first, second)] == ["02:30 NZDT", "02:30 NZST"]
    first, second = (datetime(2026, 3, 8, hour, 29, tzinfo=UTC) for hour in (5, 6))
    assert [f"{newfoundland.local(at):%H:%M %Z}" for at in (first, second)] == ["01:59 NST", "03:59 NDT"]


def test_its_criteria_are_asked_and_no_others(trial: Protocol) -> None:
    good = {"ventilated": "yes", "transplant": "no", "refusal": "no"}
    assert list(eligibility.criteria(trial, good)) == []
    bad = [refusal.reason for refusal in eligibility.criteria(trial, {"ventilated": "no", "transplant": "yes"})]
    assert bad == [Reason.INCLUSION, Reason.EXCLUSION, Reason.UNKNOWN_CRITERION]


@pytest.mark.parametrize(
    ("code", "result", "passes"),
    [
        ("viability", "85", True),
        ("viability", "84.99", False),
        ("viability", "100.1", False),
        ("potency", "0.125", True),
        ("potency", "0.1249", False),
        ("colour", "straw", True),
        ("colour", "brown", False),
    ],
)
def test_a_lot_is_tested_for_what_this_trial_asks(trial: Protocol, code: str, result: str, passes: bool) -> None:
    assert next(test for test in trial.qc if test.code == code).passes(result) == passes


def test_only_what_its_sponsor_left_open_is_unconfirmed_in_the_order_of_the_file(trial: Protocol) -> None:
    assert trial.unconfirmed == ("eligibility.transplant", "dose.tolerance", "qc.potency")


def test_the_rules_name_no_trial_no_town_and_no_registry() -> None:
    rules = Path(custody.chain.__path__[0])
    text = "\n".join(path.read_text(encoding="utf-8") for path in rules.glob("*.py"))
    assert len(text) > 10_000
    for word in ("CHOCMSC", "chocmsc", "NCT0", "Nancy", "Dijon", "Strasbourg", "Europe/Paris", "PLACEBO"):
        assert word not in text
