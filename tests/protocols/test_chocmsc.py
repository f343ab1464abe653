"""The shipped trial says what its register entry says, and marks all else as the sponsor's to confirm."""

import hashlib
from zoneinfo import ZoneInfo

import pytest

from custody import protocols
from custody.chain.protocol import Protocol
from custody.chain.units import Grams
from custody.protocols.limits import LIMITS

PATH = protocols.builtin()["chocmsc"]
REGISTER = "NCT02883803"


@pytest.fixture(scope="module")
def trial() -> Protocol:
    return protocols.load(PATH)


def test_it_is_the_only_trial_shipped() -> None:
    assert list(protocols.builtin()) == ["chocmsc"]


def test_the_hash_is_that_of_the_bytes_as_they_are(trial: Protocol) -> None:
    assert trial.hash == hashlib.sha256(PATH.read_bytes()).hexdigest()
    more = protocols.loads(PATH.read_bytes() + b"\n", "chocmsc.toml")
    assert more.hash == hashlib.sha256(PATH.read_bytes() + b"\n").hexdigest()


def test_the_trial_is_named_as_registered(trial: Protocol) -> None:
    assert (trial.id, trial.short_title, trial.registry) == ("CHOCMSC", "CHOCMSC", REGISTER)
    assert (trial.sponsor, trial.reference) == ("CHRU de Nancy", "PHRCI 2012/CHOCMSC-GIBOT/SKJ")
    assert trial.condition.en == "Septic shock"
    assert trial.participants == 66
    for word in ("Parallel", "randomised", "double masked", "participant", "investigator"):
        assert word in trial.design.en


def test_one_arm_has_a_million_cells_per_kg_and_the_other_none(trial: Protocol) -> None:
    assert {arm.code: arm.cells_per_kg for arm in trial.arms} == {"MSC": 1_000_000, "PLACEBO": 0}
    assert trial.prescribed(trial.arm("MSC"), Grams(70_000)) == 70_000_000
    assert trial.prescribed(trial.arm("PLACEBO"), Grams(70_000)) == 0


def test_both_arms_are_250_ml_of_albumin_4_percent_over_30_minutes_by_a_central_line(trial: Protocol) -> None:
    assert trial.volume == 250_000
    assert trial.albumin_percent == 4
    assert trial.infusion_planned == 30
    assert trial.route.en == "Central venous line"
    assert trial.route.fr == "Voie veineuse centrale"


def test_one_unit_prepares_for_three_hospitals_all_on_french_time(trial: Protocol) -> None:
    units = {site.kind: site for site in trial.sites}
    wards = [site.name for site in trial.sites if site.kind == "icu"]
    assert set(units) == {"cell_therapy_unit", "icu"}
    assert len(trial.sites) == 4
    assert units["cell_therapy_unit"].name == "UTCT, Hôpital Brabois, Vandœuvre-lès-Nancy"
    for ward, place in zip(wards, ("Central, Nancy", "Bocage, Dijon", "Hautepierre, Strasbourg"), strict=True):
        assert ward.endswith(f"Hôpital {place}")
    assert {site.zone for site in trial.sites} == {"Europe/Paris"}
    assert ZoneInfo("Europe/Paris")


def test_labels_find_an_address_a_telephone_reserved_for_fiction_and_an_investigator(trial: Protocol) -> None:
    phones = [trial.contact.phone, trial.contact.emergency_phone, *(site.phone for site in trial.sites)]
    assert all(phone.startswith("+33 3 53 01 ") for phone in phones)
    assert trial.contact.name
    assert trial.contact.address
    assert all(site.address for site in trial.sites)
    assert all(bool(site.investigator) == (site.kind == "icu") for site in trial.sites)


def test_the_clock_of_eligibility_is_12_hours_from_monday_8_to_friday_8(trial: Protocol) -> None:
    assert trial.onset == 12 * 60
    assert str(trial.window) == "Mon 08:00 - Fri 08:00"


def test_every_criterion_of_the_register_is_asked_in_both_languages(trial: Protocol) -> None:
    asked = [criterion.text.en for criterion in trial.inclusion]
    for words in (
        "Adult",
        "community origin",
        "2 organ failures other than haemodynamic",
        "Consent",
        "social security",
    ):
        assert sum(words in text for text in asked) == 1
    for words in ("adrenaline", "noradrenaline", "dopamine > 8 µg/kg/min"):
        assert words in next(text for text in asked if "community origin" in text)
    for words in ("participant", "relative", "reliable person"):
        assert words in next(text for text in asked if "Consent" in text)
    barred = [criterion.text.en for criterion in trial.exclusion]
    for words in (
        "Non-septic",
        "Nosocomial",
        "PaO2/FiO2 < 100",
        "Pregnancy or breast-feeding",
        "Brain death",
        "Dying person",
        "Therapeutic limitation",
        "30 days",
    ):
        assert sum(words in text for text in barred) == 1
    assert (len(trial.inclusion), len(trial.exclusion)) == (5, 8)


def test_every_outcome_of_the_register_has_its_days(trial: Protocol) -> None:
    assert {outcome.code: outcome.days for outcome in trial.outcomes} == {
        "sofa": (7,),
        "catecholamine_free": (28,),
        "ventilation_free": (28,),
        "dialysis_free": (28,),
        "icu_stay": (90,),
        "death": (28, 90),
        "side_effects": (90,),
    }
    assert [outcome.code for outcome in trial.outcomes if outcome.primary] == ["sofa"]
    assert [outcome.code for outcome in trial.outcomes if outcome.or_exit] == ["sofa"]
    assert {outcome.code: outcome.maximum for outcome in trial.outcomes if outcome.kind == "days"} == {
        "catecholamine_free": 28,
        "ventilation_free": 28,
        "dialysis_free": 28,
        "icu_stay": 90,
    }
    assert trial.last_day == 90


def test_only_what_the_register_states_rests_on_it(trial: Protocol) -> None:
    names = {name for name, source in trial.sources if source == REGISTER}
    assert {limit.name for limit in LIMITS} & names == {
        "trial.participants",
        "window.onset",
        "dose.volume",
        "dose.albumin",
        "infusion.planned",
    }
    assert {"trial", "window.week", "dose.route", "arms.MSC.dose", "arms.PLACEBO.dose"} <= names
    assert {f"sites.{site.code}" for site in trial.sites} <= names
    assert {f"eligibility.{criterion.code}" for criterion in (*trial.inclusion, *trial.exclusion)} <= names
    assert {f"outcomes.{outcome.code}" for outcome in trial.outcomes} <= names
    assert {(name, source) for name, source in trial.sources if source != REGISTER} == {
        ("records.retention", "Regulation (EC) 1394/2007, art. 15")
    }
    assert trial.retention_years == 30


def test_every_other_limit_is_the_sponsors_to_confirm(trial: Protocol) -> None:
    sourced = {name for name, _ in trial.sources}
    assert {limit.name for limit in LIMITS} - sourced <= set(trial.unconfirmed)
    assert {f"qc.{test.code}" for test in trial.qc} <= set(trial.unconfirmed)
    assert {f"sites.{site.code}.contact" for site in trial.sites} <= set(trial.unconfirmed)
    assert {"contact", "storage.class"} <= set(trial.unconfirmed)
    assert not sourced & set(trial.unconfirmed)
    assert len(trial.unconfirmed) == len(set(trial.unconfirmed))


def test_the_defaults_are_those_that_were_agreed(trial: Protocol) -> None:
    assert (trial.viability_block, trial.viability_warn) == (700, 800)
    assert trial.dose_tolerance == 100
    assert (trial.hold, trial.lead, trial.shelf_life) == (120, 45, 240)
    assert (trial.infusion_short, trial.infusion_long, trial.check_valid) == (25, 45, 15)
    assert trial.observations == (0, 15, 30, 60, 360, 1440)
    assert (trial.ratio, trial.storage_class) == ((1, 1), "LN2")
    assert trial.smallest_block == ("MSC", "PLACEBO")


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("viability", "70", "69.9"),
        ("cd73", "95,0", "94,9"),
        ("cd90", "95", "94.9"),
        ("cd105", "100", "-95"),
        ("negative_markers", "2.0", "2.1"),
        ("sterility", "no_growth", "growth"),
        ("mycoplasma", "not_detected", "detected"),
        ("endotoxin", "0.5", "0.501"),
        ("karyotype", "normal", "abnormal"),
        ("cfu_f", "10", "9"),
    ],
)
def test_a_lot_is_tested_for_everything_in_the_unit_as_read(trial: Protocol, code: str, good: str, bad: str) -> None:
    test = next(test for test in trial.qc if test.code == code)
    assert test.passes(good)
    assert not test.passes(bad)
    assert not any(test.passes(junk) for junk in ("", " ", "nan", "inf", "1e3", "٧٠", f" {good}", f"{good}.", "0x60"))
    assert test.name.en
    assert test.name.fr


def test_no_other_test_is_asked_for(trial: Protocol) -> None:
    assert len(trial.qc) == 10
