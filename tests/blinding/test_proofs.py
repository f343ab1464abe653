"""A proof of an hour that is stopped goes on where it was, and takes nothing over from other code."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.blinding import __main__ as main
from tests.blinding import proofs, report


@pytest.fixture
def walked(monkeypatch):
    """Let a walk be nothing but a line in a list; give the list."""
    seeds = []

    def walk(_dialect, seed):
        seeds.append(seed)
        figures = dict.fromkeys(proofs.COUNTED, 1)
        return {"seed": seed, **figures, "routes": ["GET /"], "roles": ["monitor"], "difference": ""}

    monkeypatch.setattr(proofs, "_walk", walk)
    monkeypatch.setattr(proofs, "spread", lambda work, given, name: map(work, given))
    monkeypatch.setattr(report, "commit", lambda: "abc")
    return seeds


def test_walks_of_the_same_commit_are_not_run_again(walked, tmp_path):
    proofs.lock_step("sqlite", 3, tmp_path)
    told = proofs.lock_step("sqlite", 5, tmp_path)
    assert walked == [0, 1, 2, 3, 4]
    assert (told["runs"], told["steps"], told["holds"]) == (5, 5, True)


@pytest.mark.parametrize("commit", ["abd", "abc-dirty"])
def test_walks_of_other_code_are(walked, tmp_path, monkeypatch, commit):
    monkeypatch.setattr(report, "commit", lambda: commit)
    proofs.lock_step("sqlite", 2, tmp_path)
    monkeypatch.setattr(report, "commit", lambda: "abc-dirty" if "dirty" in commit else "abc")
    proofs.lock_step("sqlite", 2, tmp_path)
    assert walked == [0, 1, 0, 1]


def test_walks_of_the_same_product_by_an_earlier_proof_are_kept_and_named(walked, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "commit", lambda: "abb")
    proofs.lock_step("sqlite", 2, tmp_path)
    monkeypatch.setattr(report, "commit", lambda: "abc")
    monkeypatch.setattr(report, "same_product", lambda one, other: {one, other} <= {"abb", "abc"})
    told = proofs.lock_step("sqlite", 3, tmp_path)
    assert walked == [0, 1, 2]
    assert (told["commits"], told["steps"], told["holds"]) == (["abb", "abc"], 3, True)
    proofs.lock_step("sqlite", 3, tmp_path)
    assert walked == [0, 1, 2], "whose walks they are is kept"


def test_what_is_proved_is_the_product_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "custody").mkdir()
    states = []
    for file in ("custody/thaw.py", "tests.py", "custody/count.py"):
        (tmp_path / file).write_text(file, encoding="utf-8")
        _git("add", ".")
        _git("commit", "--quiet", "--message", "x")
        states.append(_git("rev-parse", "HEAD"))
    first, other_proof, other_product = states
    assert report.same_product(first, other_proof)
    assert not report.same_product(other_proof, other_product)
    assert not report.same_product(first, "0" * 40)


def _git(*words: str) -> str:
    if not Path(".git").exists():
        subprocess.run(["git", "init", "--quiet"], check=True)
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    return subprocess.run(["git", *who, *words], capture_output=True, text=True, check=True).stdout.strip()


def test_a_walk_that_goes_astray_proves_nothing_and_keeps_no_other_from_being_walked(monkeypatch):
    closed = "the account is closed"

    def astray(*_given):
        raise proofs.Unexpected(closed)

    monkeypatch.setattr(proofs, "ground", lambda dialect: dialect)
    monkeypatch.setattr(proofs, "walk", astray)
    assert proofs._walk("sqlite", 7) == {"seed": 7, "difference": f"not walked: {closed}", "astray": True}


def test_trials_are_played_once(tmp_path, monkeypatch):
    played = []

    def downloads(seed, _participants, *, faults, leaky):
        played.append((seed, faults, leaky))
        arms = {"length": 1.0} if leaky else {}
        return [proofs.guess.Known(seed, arm, {"place": float(arm and leaky)} | arms) for arm in (True, False)]

    monkeypatch.setattr(proofs, "spread", lambda work, given, name: map(work, given))
    monkeypatch.setattr(proofs.guess, "downloads", downloads)
    monkeypatch.setattr(report, "commit", lambda: "abc")
    first, again = (proofs.guesses(3, 66, tmp_path) for _ in range(2))
    assert first == again
    assert sorted(played) == [
        (seed, *kind) for seed in range(3) for kind in ((False, False), (False, True), (True, False))
    ]
    assert (first["plain"]["participants"], first["leaky"]["features"]) == (6, 2)
    proofs.guesses(3, 12, tmp_path)
    assert len(played) == 18, "a trial of fewer participants is another"


def test_a_part_of_another_product_is_left_out_of_the_page(tmp_path, monkeypatch, capsys):
    for name, commit in {"disk": "abc", "leaks": "abb"}.items():
        (tmp_path / f"{name}.json").write_text(f'{{"commits": ["abc", "{commit}"]}}', encoding="utf-8")
    assert [*main._parts(tmp_path, "abc", ["guesses"])] == ["disk"]
    assert capsys.readouterr().err == "Left out, for it was run on another product: leaks\n"
    assert [*main._parts(tmp_path, "abc-dirty", ["leaks"])] == ["leaks"], "of other changes nobody knows"


def test_what_went_astray_is_walked_again(walked, tmp_path, monkeypatch):
    astray = {"seed": 0, "difference": "not walked: closed", "astray": True}
    with monkeypatch.context() as patched:
        patched.setattr(proofs, "_walk", lambda _dialect, _seed: astray)
        assert not proofs.lock_step("sqlite", 1, tmp_path)["holds"]
    assert proofs.lock_step("sqlite", 1, tmp_path)["holds"]
    assert walked == [0]


def test_a_smaller_run_takes_nothing_away(walked, tmp_path, monkeypatch):
    proofs.lock_step("sqlite", 3, tmp_path)
    proofs.lock_step("sqlite", 1, tmp_path)
    monkeypatch.setattr(report, "commit", lambda: "abc-dirty")
    proofs.lock_step("sqlite", 1, tmp_path)
    monkeypatch.setattr(report, "commit", lambda: "abc")
    proofs.lock_step("sqlite", 3, tmp_path)
    assert walked == [0, 1, 2, 0]


@pytest.mark.parametrize("cut", [2, 20])
def test_a_line_that_was_cut_by_the_stop_is_walked_again(walked, tmp_path, cut):
    proofs.lock_step("sqlite", 2, tmp_path)
    kept = tmp_path / "sqlite.walks.jsonl"
    kept.write_text(kept.read_text(encoding="utf-8")[:-cut], encoding="utf-8")
    proofs.lock_step("sqlite", 2, tmp_path)
    proofs.lock_step("sqlite", 2, tmp_path)
    assert walked == [0, 1, 1]


def test_a_difference_is_kept_and_told(walked, tmp_path, monkeypatch):
    monkeypatch.setattr(proofs, "_walk", lambda _dialect, seed: {"seed": seed, "difference": "a byte"})
    told = proofs.lock_step("sqlite", 2, tmp_path)
    assert not told["holds"]
    assert [one["seed"] for one in told["differences"]] == [0, 1]
    assert not walked


def test_each_walk_is_listed_so_that_one_of_them_can_be_held_against_it(walked, tmp_path):
    proofs.lock_step("sqlite", 2, tmp_path)
    ones = ",1" * len(proofs.COUNTED)
    lines = [f"seed,commit,{','.join(proofs.COUNTED)}", f"0,abc{ones}", f"1,abc{ones}"]
    assert (tmp_path / "sqlite.csv").read_text(encoding="utf-8").splitlines() == lines


@pytest.mark.parametrize(
    ("plain", "faults", "leaky", "holds"),
    [(0.5, 0.53, 0.7, True), (0.6, 0.53, 0.7, False), (0.5, 0.9, 0.7, False), (0.5, 0.53, 0.5, False)],
)
def test_guesses_hold_if_late_bags_tell_all_that_is_told(tmp_path, monkeypatch, plain, faults, leaky, holds):
    """With 6 of 100 bags late where there are cells, and none elsewhere: 0.53."""

    def downloads(seed, _participants, *, faults, leaky):
        bags = [(True, faults and number < 6) for number in range(100)] + [(False, False)] * 100
        return [proofs.guess.Known(seed, cells, {"kind": 2 * leaky + faults}, late) for cells, late in bags]

    def guess(known):
        auc = {0: plain, 1: faults, 2: leaky}[known[0].features["kind"]]
        return proofs.guess.Guessed(3, 600, 1, auc, auc - 0.01, auc + 0.01)

    monkeypatch.setattr(proofs, "spread", lambda work, given, name: map(work, given))
    monkeypatch.setattr(proofs.guess, "downloads", downloads)
    monkeypatch.setattr(proofs.guess, "guess", guess)
    monkeypatch.setattr(report, "commit", lambda: "abc")
    assert proofs.guesses(3, 66, tmp_path)["holds"] is holds


@pytest.mark.parametrize(
    ("found", "telling", "hidden", "holds"),
    [([], 0, 0, True), (["X"], 0, 0, False), ([], 2, 0, False), ([], 0, 2, False)],
)
def test_the_disk_holds_if_counting_tells_nothing_and_would_without_the_fillers(
    monkeypatch, found, telling, hidden, holds
):
    """`telling`: rows more with cells; `hidden`: rows fewer, without the fillers, than the cells' steps make."""

    def counted(_participants, seed):
        rows = [(cells, (7 * number + seed) % 5) for number in range(30) for cells in (True, False)]
        laid = {"all": telling, "without fillers": 2 - hidden}
        return {name: [proofs.search.Laid(one, row + one * more) for one, row in rows] for name, more in laid.items()}

    monkeypatch.setattr(proofs, "spread", lambda work, given, name: map(work, given))
    monkeypatch.setattr(proofs.search, "searched", lambda _folder, _participants: {"found": {"the log": found}})
    monkeypatch.setattr(proofs.search, "counted", counted)
    monkeypatch.setattr(proofs.guess, "RESAMPLES", 50)
    assert proofs.disk(4)["holds"] is holds
