"""A simulated trial comes out even: every bag ends, every number agrees with the record, and the record verifies."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from custody import protocols
from custody.chain.protocol import Protocol
from custody.chain.reconciliation import Reconcile, ReconcileSealed
from custody.chain.roles import Role
from custody.chain.things import Plane
from custody.chain.unsealing import Unseal
from custody.cli import people
from custody.clock import SetClock
from custody.export import arms as export
from custody.ledger.entry import encode
from custody.ledger.tiles import decode_entries
from custody.ledger.verify import verify_folder
from custody.people.signature import fits
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger, open_door
from custody.record.door import Door
from custody.record.world import World
from custody.simulate import faults, trial
from custody.simulate.asking import Unexpected
from custody.simulate.cast import members
from custody.simulate.course import STAGES
from custody.simulate.run import OutputExists, simulate
from custody.simulate.schedule import Schedule
from custody.simulate.timetable import Timetable
from custody.simulate.trial import Plan, TooMany
from custody.store.database import Database
from custody.store.open_store import OpenStore
from custody.store.sealed_store import SMALLEST_EVENT
from custody.verifying import Wanted, verify_here

CHOCMSC = protocols.builtin()["chocmsc"]
AURORA = Path(__file__).parent / "protocols" / "aurora.toml"
Entry = dict[str, Any]


def entries(ledger: Path, log: str) -> list[Entry]:
    """Read all entries of an exported log."""
    bundles = sorted(path for path in (ledger / log / "tile" / "entries").rglob("*") if path.is_file())
    return [json.loads(data) for path in bundles for data in decode_entries(path.read_bytes())]


def figures(out: Path) -> Entry:
    found: Entry = json.loads((out / "report.json").read_text())
    return found


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a simulation in which each fault came at least once."""
    out = tmp_path_factory.mktemp("faulty")
    simulate(out, CHOCMSC, Plan(len(faults.KINDS) + 1, seed=1, faults=True))
    return out


# --- without faults


def test_nine_participants_are_all_infused_and_accounted_for(tmp_path: Path) -> None:
    simulate(tmp_path, CHOCMSC, Plan(9, seed=3))
    report = figures(tmp_path)
    expected = {"participants": 9, "infused": 9, "not_infused": 0, "deviations": 0, "refusals": 0, "unreconciled": 0}
    assert {name: report[name] for name in expected} == expected
    assert report["findings"] == 0
    assert sum(site["infused"] for site in report["sites"]) == 9
    assert verify_folder(tmp_path / "ledger").ok


def test_the_whole_trial_of_66_comes_out_even(tmp_path: Path) -> None:
    simulate(tmp_path, CHOCMSC, Plan(66, seed=1, faults=True))
    report = figures(tmp_path)
    assert report["participants"] == 66 == report["infused"] + report["not_infused"]
    assert (report["unreconciled"], report["findings"]) == (0, 0)
    assert report["events_open"] == len(entries(tmp_path / "ledger", "open"))
    assert report["events_sealed"] == len(entries(tmp_path / "ledger", "sealed"))


@pytest.mark.parametrize("plan", [Plan(5, seed=1), Plan(len(faults.KINDS) + 1, seed=2, faults=True)])
def test_a_trial_that_is_quite_another_runs_too(tmp_path: Path, plan: Plan) -> None:
    simulate(tmp_path, AURORA, plan)
    report = figures(tmp_path)
    assert (report["protocol"], report["participants"]) == ("AURORA-7", plan.participants)
    assert (report["unreconciled"], report["findings"]) == (0, 0)


# --- with faults


def test_every_fault_left_its_trace(faulty: Path) -> None:
    report = figures(faulty)
    for reason in (
        "account",
        "bag_expired",
        "check_too_old",
        "hold",
        "qc_missing",
        "qc_out",
        "role",
        "seal",
        "unreadable",
        "viability_warning",
        "wrong_kind",
        "wrong_participant",
    ):
        assert report["refusal_reasons"].get(reason), reason
    steps = Counter(entry["type"] for log in ("open", "sealed") for entry in entries(faulty / "ledger", log))
    for step in (
        "order_cancelled",
        "preparation_discarded",
        "handoff_refused",
        "unpacked",
        "infusion_paused",
        "lot_rejected",
        "bench_deviation_closed",
        "code_broken",
        "sponsor_notified",
        "deviation_closed",
    ):
        assert steps[step], step


def test_the_report_says_what_the_record_holds(faulty: Path) -> None:
    report = figures(faulty)
    opened, sealed = entries(faulty / "ledger", "open"), entries(faulty / "ledger", "sealed")
    both = opened + sealed
    assert report["participants"] == sum(entry["type"] == "participant_enrolled" for entry in opened)
    assert report["infused"] == sum(entry["type"] == "infusion_stopped" for entry in opened)
    assert report["refusals"] == sum(entry["type"] == "step_refused" for entry in both)
    raised = {"deviation_raised", "bench_deviation_raised"}
    assert report["deviations"] == sum(entry["type"] in raised for entry in both)
    assert report["steps_per_second"] == pytest.approx(report["steps"] / report["seconds"], rel=0.01)


def test_an_order_sent_twice_is_one_bag(faulty: Path) -> None:
    ordered = [entry for entry in entries(faulty / "ledger", "open") if entry["type"] == "bag_ordered"]
    per_participant = Counter(entry["payload"]["participant"] for entry in ordered)
    assert per_participant.total() == figures(faulty)["participants"] + 1, "the bag that expired was replaced"
    assert len({entry["event"] for entry in ordered}) == len(ordered)


def test_an_expired_bag_is_never_infused_and_its_participant_gets_another(faulty: Path) -> None:
    opened = entries(faulty / "ledger", "open")
    unused = [entry for entry in opened if entry["type"] == "bag_returned" and entry["payload"]["unused"]]
    (lost,) = [entry["payload"]["treatment_bag"] for entry in unused]
    participant = unused[0]["payload"]["participant"]
    started = {entry["payload"]["treatment_bag"] for entry in opened if entry["type"] == "infusion_started"}
    bags = [
        entry["payload"]["treatment_bag"]
        for entry in opened
        if entry["type"] == "bag_ordered" and entry["payload"]["participant"] == participant
    ]
    assert lost not in started
    assert set(bags) & started == set(bags) - {lost}


def test_both_arms_are_infused(faulty: Path) -> None:
    sealed = entries(faulty / "ledger", "sealed")
    arms = {entry["payload"]["arm"] for entry in sealed if entry["type"] == "arm_allocated"}
    assert arms == {"MSC", "PLACEBO"}


def test_no_figure_of_the_report_names_an_arm(faulty: Path) -> None:
    report = figures(faulty)
    assert set(report.pop("late")) == {"MSC", "PLACEBO"}, "but the one that says what the hold did not hide"
    text = json.dumps(report).replace("Mesenchymal Stem Cells", "").replace('"CHOCMSC"', "")
    assert "MSC" not in text
    assert "PLACEBO" not in text


def test_a_second_thaw_may_outlast_the_hold_and_the_report_says_by_how_much(tmp_path: Path) -> None:
    simulate(tmp_path, CHOCMSC, Plan(66, seed=1, faults=True))
    late = figures(tmp_path)["late"]
    assert late["PLACEBO"]["count"] == 0
    readme = " ".join((Path(__file__).parents[1] / "README.md").read_text().split())
    cells = late["MSC"]
    said = f"{cells['count']} of {cells['released']} bags with cells were late, by {cells['worst']:.0f} minutes"
    assert said in readme
    assert late["PLACEBO"]["median"] == late["PLACEBO"]["worst"] == late["MSC"]["median"] == 0.0
    assert 0 < late["MSC"]["count"] < late["MSC"]["released"]
    assert 5 < late["MSC"]["worst"] < 75
    assert sum(one["released"] for one in late.values()) == sum(
        entry["type"] == "bag_released" for entry in entries(tmp_path / "ledger", "open")
    )


def test_every_signature_says_that_it_is_simulated(faulty: Path) -> None:
    both = [entry for log in ("open", "sealed") for entry in entries(faulty / "ledger", log)]
    methods = {signature["method"] for entry in both for signature in entry["signatures"]}
    assert methods == {"simulated"}


def test_no_record_of_a_preparation_comes_near_the_size_at_which_its_box_would_grow(faulty: Path) -> None:
    """A box of another size would tell how many cryobags went into a bag: none in one of the arms."""
    steps = {"reserve", "thaw", "count", "dilute", "label_and_cover", "release_for_dispatch", "discard_preparation"}
    sizes = {entry["step"]: 0 for entry in entries(faulty / "ledger", "sealed")}
    for entry in entries(faulty / "ledger", "sealed"):
        sizes[entry["step"]] = max(sizes[entry["step"]], len(encode(entry)))
    assert steps <= sizes.keys()
    longest = max(size for step, size in sizes.items() if step in steps)
    assert 0 < 2 * longest <= SMALLEST_EVENT, sizes


def test_the_report_can_be_read_on_one_page(faulty: Path) -> None:
    with pypdfium2.PdfDocument(faulty / "report.pdf") as pdf:
        assert len(pdf) == 1
        text = pdf[0].get_textpage().get_text_range()
    assert "Simulation of CHOCMSC" in text
    assert "nothing found" in text
    assert "wrong participant" in text


def test_nothing_but_the_report_and_the_ledger_is_left(faulty: Path) -> None:
    assert {path.name for path in faulty.iterdir()} == {"report.json", "report.pdf", "ledger"}


# --- the same again, and not over another


def test_the_same_seed_gives_the_same_entries(tmp_path: Path) -> None:
    for name in ("one", "two", "other"):
        simulate(tmp_path / name, CHOCMSC, Plan(4, seed=9 if name == "other" else 5, faults=True))
    one, two, other = (entries(tmp_path / name / "ledger", "sealed") for name in ("one", "two", "other"))
    assert one == two
    assert one != other
    assert entries(tmp_path / "one" / "ledger", "open") == entries(tmp_path / "two" / "ledger", "open")


@pytest.mark.parametrize("name", ["report.json", "thesis.docx"])
def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("kept")
    with pytest.raises(OutputExists, match=r"expected an empty or new folder"):
        simulate(tmp_path, CHOCMSC, Plan(1))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "kept"


def test_a_simulation_that_fails_leaves_nothing(tmp_path: Path) -> None:
    impossible = CHOCMSC.read_text().replace("tolerance = { value = 10,", "tolerance = { value = 0,")
    (tmp_path / "trial.toml").write_text(impossible)
    with pytest.raises(Unexpected, match="Dose"):
        simulate(tmp_path / "new" / "out", tmp_path / "trial.toml", Plan(6))
    assert [path.name for path in tmp_path.iterdir()] == ["trial.toml"]


def test_more_participants_than_there_are_places_are_refused_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(TooMany, match=r"at most \d+ participants with seed 1, found 250: .* has 66") as wrong:
        simulate(tmp_path / "out", CHOCMSC, Plan(250))
    assert list(tmp_path.iterdir()) == []
    most = int(str(wrong.value).split()[3])
    assert 66 <= most < 250
    trial.check_places(protocols.load(CHOCMSC), Plan(most))
    with pytest.raises(TooMany):
        trial.check_places(protocols.load(CHOCMSC), Plan(most + 1))


# --- in place


@pytest.fixture
def played(tmp_path: Path) -> Door:
    """Give the door of a small trial that was played to its end."""
    clock = SetClock(trial.START)
    database = Database(f"sqlite:///{tmp_path / 'custody.db'}")
    door = create_ledger(
        database, tmp_path / "keys", "custody.example/test", CHOCMSC, World(clock, SeededBytes(1, "w"))
    )
    trial.play_trial(door, clock, Plan(2, seed=1, faults=True))
    return door


def test_the_ledger_in_place_verifies_and_replays(played: Door, tmp_path: Path) -> None:
    report = verify_here(played.database, tmp_path / "keys", Wanted(replayed=True))
    assert report.findings == []
    assert any(line.startswith("Replay") for line in report.covered)


def test_a_trial_is_played_on_either_database(database: Database, tmp_path: Path) -> None:
    clock = SetClock(trial.START)
    world = World(clock, SeededBytes(1, "w"))
    door = create_ledger(database, tmp_path / "keys", "custody.example/test", CHOCMSC, world)
    play = trial.play_trial(door, clock, Plan(6, seed=1, faults=True))
    assert trial.unreconciled(play) == []
    assert verify_here(database, tmp_path / "keys", Wanted(replayed=True)).findings == []


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE open_thing SET status = 'enrolled' WHERE kind = 'participant'", "open_thing"),
        ("UPDATE open_thing SET site = 'DIJ'", "open_thing"),
        ("UPDATE open_thing SET holder = 'somebody' WHERE kind = 'shipper'", "open_thing"),
        ("UPDATE sealed_thing SET heap = x'00' WHERE version = 1", "sealed_thing"),
        ("UPDATE open_thing SET version = version + 1 WHERE kind = 'treatment_bag'", "open_thing"),
        ("DROP TRIGGER open_mention_no_delete; DELETE FROM open_mention WHERE place = 30", "open_mention"),
        ("INSERT INTO open_mention VALUES ('TBXKJHRENPUC', 1, 3)", "open_mention"),
        ("DELETE FROM sealed_thing WHERE version = 2", "sealed_thing"),
        ("UPDATE sealed_thing SET box = x'00' WHERE version = 2", "sealed_thing"),
        ("DROP TRIGGER sealed_mention_no_delete; DELETE FROM sealed_mention WHERE number = 3", "sealed_mention"),
        ("DROP TRIGGER open_event_no_delete; DELETE FROM open_event WHERE place = 40", "open"),
        (
            "DROP TRIGGER open_event_no_update; UPDATE open_event SET entry = replace(entry, '\"yes\"', '\"no\"')",
            "open",
        ),
        ("DROP TRIGGER sealed_event_no_update; UPDATE sealed_event SET box = x'00' WHERE place = 7", "sealed"),
        ("DROP TRIGGER open_event_no_update; UPDATE open_event SET event = 'other' WHERE place = 9", "open_event"),
    ],
)
def test_whatever_is_changed_behind_the_door_is_found(played: Door, tmp_path: Path, statement: str, where: str) -> None:
    with played.database.writing() as connection:
        for part in statement.split("; "):
            connection.exec_driver_sql(part)
    report = verify_here(played.database, tmp_path / "keys", Wanted(replayed=True))
    assert any(finding.where.startswith(where) for finding in report.findings), report.findings


# --- the parts


@pytest.mark.parametrize("path", [CHOCMSC, AURORA])
def test_stages_follow_each_other_and_the_start_is_before_the_expiry(path: Path) -> None:
    timetable = Timetable.of(protocols.load(path))
    order = [name for name in STAGES if name in timetable.at]
    assert all(timetable.at[a] < timetable.at[b] for a, b in pairwise(order))
    assert timetable.at["started"] < timetable.expiry


@pytest.mark.parametrize("path", [CHOCMSC, AURORA])
def test_sign_in_names_are_different_and_every_role_is_there(path: Path) -> None:
    protocol: Protocol = protocols.load(path)
    cast = list(members(protocol))
    assert len({member.login for member in cast}) == len(cast)
    assert {member.role for member in cast} == set(Role) - {Role.SYSTEM}
    for site in protocol.sites:
        assert sum(member.site == site.code for member in cast) >= 3, "a doer, a second person, and a third"


def test_a_schedule_goes_in_the_order_of_time_and_stops_when_told() -> None:
    start = trial.START
    clock, seen = SetClock(start), []

    def waits(name: str, *minutes: int) -> Any:
        for minute in minutes:
            yield start + timedelta(minutes=minute)
            seen.append((name, clock.now()))

    schedule = Schedule(clock)
    schedule.add(waits("a", 5, 20), start)
    schedule.add(waits("b", 10, 3), start)
    schedule.run(until=start + timedelta(minutes=15))

    def at(minute: int) -> datetime:
        return start + timedelta(minutes=minute)

    assert seen == [("a", at(5)), ("b", at(10)), ("b", at(10))], "a wait that is over already takes no time"
    schedule.run()
    assert seen[-1] == ("a", at(20))


def test_a_trial_is_kept_to_rehearse_its_end(tmp_path: Path) -> None:
    report = simulate(tmp_path, CHOCMSC, Plan(3, seed=3), password="rehearsing")
    assert report.unreconciled == report.findings == 0
    database = Database(f"sqlite:///{tmp_path / 'data' / 'custody.db'}")
    door = open_door(database, tmp_path / "data" / "keys")
    monitor, responsible, statistician = (
        people.named(door, login) for login in ("monitor", "responsible", "statistician")
    )
    assert fits(database, monitor, "rehearsing")
    assert oct((tmp_path / "data").stat().st_mode & 0o777) == "0o700"
    for person, command in ((monitor, Reconcile()), (responsible, ReconcileSealed())):
        people.submit(door, person, command, command.SPEC.signed)
    people.submit(door, statistician, Unseal(), Unseal.SPEC.signed, responsible)
    with database.reading(Plane.OPEN) as connection:
        arms = export.arms(OpenStore(), connection)
    database.close()
    assert arms is not None
    assert [bool(one.unsealed_arm) for one in arms] == [True] * 3
    with pytest.raises(OutputExists, match="empty or new folder"):
        simulate(tmp_path, CHOCMSC, Plan(3, seed=3), password="rehearsing")


def test_without_it_nothing_is_kept_but_what_is_reported(tmp_path: Path) -> None:
    simulate(tmp_path, CHOCMSC, Plan(1, seed=3))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "report.json", "report.pdf"]


def test_what_is_on_time_is_late_by_nothing(tmp_path: Path) -> None:
    late = simulate(tmp_path, CHOCMSC, Plan(4, seed=3)).late
    assert {(one.count, one.median, one.worst) for one in late.values()} == {(0, 0, 0)}
