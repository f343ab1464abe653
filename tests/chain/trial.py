"""A small trial: two arms, a cell therapy unit, two intensive care units."""

from custody.chain.protocol import Arm, Criterion, Protocol, QcTest, Site, Words
from custody.chain.units import Cells, DeciCelsius, Grams, Microlitres, Minutes, PerMille
from custody.chain.week import Window


def words(text):
    return Words(text, text)


PROTOCOL = Protocol(
    id="TRIAL",
    hash="0" * 64,
    title=words("A trial"),
    sponsor="Sponsor",
    registry="NCT00000000",
    participants=8,
    arms=(Arm("MSC", words("Cells"), 1_000_000), Arm("PLACEBO", words("Albumin"), 0)),
    sites=(
        Site("UNIT", "Cell therapy unit", "cell_therapy_unit", "Europe/Paris"),
        Site("NAN", "Ward of Nancy", "icu", "Europe/Paris"),
        Site("DIJ", "Ward of Dijon", "icu", "Europe/Paris"),
    ),
    inclusion=(Criterion("adult", words("Adult")), Criterion("shock", words("Septic shock"))),
    exclusion=(Criterion("pregnancy", words("Pregnancy")), Criterion("dying", words("Dying person"))),
    qc=(
        QcTest("viability", words("Viability"), "%", 10, 700, None, ""),
        QcTest(
            "sterility",
            words("Sterility"),
            "",
            1,
            None,
            None,
            "no_growth",
            (
                ("no_growth", words("no growth")),
                ("growth", words("growth")),
            ),
        ),
    ),
    ratio=(1, 1),
    window=Window(1, 480, 5, 480),
    onset=Minutes(720),
    weight_min=Grams(30_000),
    weight_max=Grams(200_000),
    volume=Microlitres(250_000),
    volume_tolerance=PerMille(50),
    dose_tolerance=PerMille(100),
    viability_block=PerMille(700),
    viability_warn=PerMille(800),
    cryobags_per_lot_max=20,
    storage_class="LN2",
    bath_min=DeciCelsius(350),
    bath_max=DeciCelsius(390),
    transport_min=DeciCelsius(20),
    transport_max=DeciCelsius(80),
    hold=Minutes(120),
    lead=Minutes(45),
    shelf_life=Minutes(240),
    check_valid=Minutes(15),
    infusion_planned=Minutes(30),
    infusion_short=Minutes(25),
    infusion_long=Minutes(45),
    observations=tuple(Minutes(minute) for minute in (0, 15, 30, 60, 360, 1440)),
    account_tolerance=Microlitres(15_000),
    albumin_percent=4,
    unconfirmed=(),
)
PRESCRIBED = Cells(70_000_000)
"""Of a participant of 70 kg, in the arm with cells."""
