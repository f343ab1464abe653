"""The page that a monitor or an ethics committee reads, in English and in French: what was compared, what came of it.

The first page is for everybody; the second lists the leaks that were planted on purpose. `report_fr.toml` has the
French of each sentence.
"""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst
from babel.numbers import format_decimal

from custody.labelling import fonts
from tests.blinding.guess import late_alone
from tests.blinding.timing import SLOW_US

TEMPLATE = Path(__file__).with_name("report.typ")
FILES = {"en": "report", "fr": "rapport"}
"""Languages of the page, and what its files are called."""
Part = dict[str, Any]


@dataclass(frozen=True)
class Words:
    """Says sentences in one language, with its numbers."""

    language: str

    def say(self, text: str, **values: object) -> str:
        known = text if self.language == "en" else french()[text]
        return known.format(**{name: self._number(value) for name, value in values.items()})

    def _number(self, value: object) -> object:
        return format_decimal(value, locale=self.language) if isinstance(value, int) else value

    def decimal(self, value: float, digits: int) -> str:
        return str(format_decimal(value, f"#,##0.{'0' * digits};-#,##0.{'0' * digits}", locale=self.language))


@cache
def french() -> dict[str, str]:
    """Give the French of each sentence."""
    return tomllib.loads(TEMPLATE.with_name("report_fr.toml").read_text(encoding="utf-8"))


def write(parts: dict[str, Part], out: Path) -> None:
    """Write the pages beside their figures."""
    for language, name in FILES.items():
        data = page(parts, Words(language))
        compiler = typst.Compiler(root=TEMPLATE.parent, font_paths=[fonts.FOLDER], ignore_system_fonts=True)
        made = compiler.compile(TEMPLATE, format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards="ua-1")
        (out / f"{name}.pdf").write_bytes(made)
        (out / f"{name}.txt").write_text("\n".join(_text(data)), encoding="utf-8")


def page(parts: dict[str, Part], words: Words) -> Part:
    """Give all that stands on the page."""
    say, missing = words.say, [TITLES[name] for name in TITLES if name not in parts]
    short = {name: SIZE[name](one) for name, one in parts.items() if name in SIZE and SIZE[name](one) < WHOLE[name]}
    told = [
        {
            "title": say(TITLES[name]),
            "holds": one["holds"],
            "lines": [*SAID[name](one, words), *_short(name, short, words)],
        }
        for name, one in parts.items()
    ]
    return {
        "language": words.language,
        "head": say(_head(parts, [*missing, *short])),
        "made": _made(parts, words),
        "intro": say(INTRO),
        "missing": say("Not run: {parts}.", parts=", ".join(map(say, missing))) if missing else "",
        "holds": say("holds"),
        "fails": say("does not hold"),
        "parts": told,
        "remains": {"title": say("What remains, and what is taken for granted"), "lines": _remains(parts, words)},
        "leaks": _leaks(parts.get("leaks"), words),
    }


WHOLE = {"sqlite": 2000, "postgresql": 200, "guesses": 300, "times": 10_000}
"""What makes the proof whole: walks, trials, pairs of answers of each kind of page."""
SIZE: dict[str, Callable[[Part], int]] = {
    "sqlite": lambda one: int(one["runs"]),
    "postgresql": lambda one: int(one["runs"]),
    "guesses": lambda one: int(one["plain"]["trials"]),
    "times": lambda one: int(one["kinds"][0]["pairs"]),
}


def _short(name: str, short: dict[str, int], words: Words) -> list[str]:
    """Say that a part was run smaller than the proof asks for."""
    if name not in short:
        return []
    return [
        words.say(
            "A trial run: {found} of the {whole} that the whole proof takes.", found=short[name], whole=WHOLE[name]
        )
    ]


def _made(parts: dict[str, Part], words: Words) -> str:
    """Say when the figures were found, and at which commits: of one product, be it by several proofs."""
    ended = sorted(part["ended"] for part in parts.values()) or [now()]
    commits = {one for part in parts.values() for one in part["commits"]} or {commit()}
    span = ended[-1:] if ended[0] == ended[-1] else [ended[0], ended[-1]]
    said = words.say("Figures of {times} UTC, {commits}.", times=" – ".join(span), commits=", ".join(sorted(commits)))
    return said if len(commits) == 1 else said + " " + words.say("The product is the same at all of them.")


def now() -> str:
    """Give the minute, UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M}"


def _head(parts: dict[str, Part], missing: list[str]) -> str:
    if not parts or not all(one["holds"] for one in parts.values()):
        return "Blinding: not proved"
    return "Blinding: proved in part" if missing else "Blinding, proved"


@cache
def commit() -> str:
    """Name the state of the code that is proved: as it is at the beginning, for a proof takes hours."""
    said = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "no commit"


PRODUCT = ("custody", "templates", "labels", "pyproject.toml", "requirements.lock", "package-lock.json")
"""What is proved; all else is the proof, other tests, or paper."""


@cache
def same_product(one: str, other: str) -> bool:
    """Say whether two commits are of one product; of what git does not know, it is not said."""
    asked = ["git", "diff", "--quiet", one, other, "--", *PRODUCT]
    return one == other or subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _text(data: Part) -> list[str]:
    """Write the same for a terminal."""
    lines = [f"{data['head']}. {data['made']}", "", data["intro"], *([data["missing"]] if data["missing"] else [])]
    for part in data["parts"]:
        lines += ["", f"{part['title']}: {data['holds'] if part['holds'] else data['fails'].upper()}"]
        lines += [f"  {line}" for line in part["lines"]]
    lines += ["", data["remains"]["title"], *(f"  {line}" for line in data["remains"]["lines"])]
    if data["leaks"]:
        lines += ["", data["leaks"]["title"], data["leaks"]["intro"]]
        lines += [f"  {one['said']}  {one['channel']}: {one['what']}" for one in data["leaks"]["rows"]]
    return [*lines, ""]


INTRO = """\
In a blinded trial nobody at the bedside may find out who gets cells. Here two copies of the service work side by side \
with the same people, the same clock and the same randomness; only the randomisation lists differ. If a blinded \
person, a device or an outsider could learn anything of the arm, something that they can obtain would differ between \
the copies. What tells something all the same stands below, under “What remains”."""
TITLES = {
    "sqlite": "Two copies cannot be told apart, on SQLite",
    "postgresql": "Two copies cannot be told apart, on PostgreSQL",
    "leaks": "A leak would be noticed",
    "guesses": "A computer does not guess the arm",
    "disk": "The disk tells nothing without the key",
    "times": "No answer takes longer",
}


COUNTED = ("runs", "done", "released", "broken", "responses", "commands")


def _lock_step(one: Part, words: Words) -> list[str]:
    say, whole = words.say, max(one["runs"] - len(one["differences"]), 1)
    values = {name: one[name] for name in COUNTED}
    lines = [
        say(
            "{runs} times both copies went the same {each} random steps: {done} steps were done, {released} bags "
            "released, {broken} codes broken in an emergency (seeds 0 to {last}).",
            **{**values, "each": one["steps"] // whole, "last": one["runs"] - 1},
        ),
        say(
            "{responses} answers ({mb} MB) of {routes} addresses to {roles} roles were compared to the last byte; "
            "after each step every row that a blinded connection can read and every line of the log; "
            "and {commands} commands of the terminal, given by somebody who has no key.",
            **{**values, "mb": round(one["bytes"] / 1e6), "routes": len(one["routes"]), "roles": len(one["roles"])},
        ),
        say("Differences: {count}.", count=len(one["differences"])),
    ]
    return lines + [f"seed {wrong['seed']}: {wrong['difference'][:160]}" for wrong in one["differences"][:3]]


def _planted(one: Part, words: Words) -> list[str]:
    channels = len({leak["channel"] for leak in one["leaks"]})
    return [
        words.say(
            "{planted} leaks through {channels} channels were planted on purpose, one at a time, as a patch for this "
            "test alone: none is in the product. Found: {killed}. They are listed on the next page.",
            planted=len(one["leaks"]),
            channels=channels,
            killed=one["killed"],
        )
    ]


def _times(one: Part, words: Words) -> list[str]:
    def timed(kind: Part) -> str:
        difference, within = (words.decimal(kind[name], 1) for name in ("difference_us", "within_us"))
        median, p = round(kind["median_us"]), words.decimal(kind["p"], 4)
        return f"{words.say(kind['name'])} {difference} ± {within} / {median} µs (p {p})"

    return [
        words.say(
            "{kinds} kinds of page, {pairs} pairs of answers of each, with cells less without: mean difference (and "
            "its 95 % interval) / usual time. Permutation test; a difference would count below p = {limit}.",
            kinds=len(one["kinds"]),
            pairs=one["kinds"][0]["pairs"],
            limit=words.decimal(one["limit"], 5),
        ),
        "; ".join(map(timed, one["kinds"])) + ".",
        words.say(
            "Control, made {slow} µs slower with cells: {control}.",
            slow=SLOW_US,
            control="; ".join(map(timed, one["control"])),
        )
        + " "
        + words.say("Caught." if one["caught"] else "NOT CAUGHT."),
    ]


GUESSING = """\
It was shown the arms of some simulated trials and guessed those of others. 0.5 is tossing a coin, 1 is certain."""


def _guesses(one: Part, words: Words) -> list[str]:
    whose = {
        "plain": "From all that a monitor can download",
        "faults": "The same where much goes wrong",
        "leaky": "Control: releases a little wordier with cells",
    }
    lines = [words.say(GUESSING)]
    for name, who in whose.items():
        known = one[name]
        values = {key: words.decimal(known[key], 3) for key in ("auc", "low", "high")}
        lines.append(
            words.say(
                "{who}: {auc} (95 % interval {low} to {high}; {trials} trials, {participants} participants).",
                who=words.say(who),
                trials=known["trials"],
                participants=known["participants"],
                **values,
            )
        )
    lines[2] += " " + words.say(LATE_ALONE, auc=words.decimal(late_alone(one["faults"]["late"]), 3))
    lines[-1] += " " + words.say("NOT CAUGHT." if one["leaky"]["blind"] else "Caught.")
    return lines


LATE_ALONE = "Late bags alone, see “What remains”: {auc}."


def _disk(one: Part, words: Words) -> list[str]:
    found, bare = sum(map(len, one["found"].values())), one["told"]["without fillers"]
    values = {key: words.decimal(one["told"]["all"][key], 3) for key in ("auc", "low", "high")}
    return [
        words.say(
            "{needles} sealed texts (codes, salts, values) were looked for in the database, in a backup and in the log "
            "of a whole trial ({mb} MB). Found: {found}.",
            needles=one["needles"],
            mb=round(sum(one["bytes"].values()) / 1e6),
            found=found,
        ),
        words.say(
            "Who counts sealed records from each order to its release guesses the arm with {auc} (95 % interval {low} "
            "to {high}; {trials} trials, {orders} orders); control, without the fillers that hide it: {bare}.",
            **values,
            trials=one["told"]["all"]["trials"],
            orders=one["told"]["all"]["orders"],
            bare=words.decimal(bare["auc"], 3),
        )
        + " "
        + words.say("Caught." if bare["low"] > 0.5 else "NOT CAUGHT."),
    ]


SAID = {
    "sqlite": _lock_step,
    "postgresql": _lock_step,
    "leaks": _planted,
    "guesses": _guesses,
    "disk": _disk,
    "times": _times,
}


def _remains(parts: dict[str, Part], words: Words) -> list[str]:
    """Say what tells something after all, and how much, and what nobody can prove here."""
    lines = []
    if "guesses" not in parts:
        lines.append(words.say(LATE))
    else:
        late = parts["guesses"]["faults"]["late"]
        (cells, of_cells), (albumin, of_albumin) = late["cells"], late["albumin"]
        lines.append(
            words.say(
                "A bag for which cells had to be thawed a second time may be ready late, and only cells are thawed. "
                "Where much goes wrong, {cells} of {of_cells} bags with cells were late, and {albumin} of {of_albumin} "
                "without.",
                cells=cells,
                of_cells=of_cells,
                albumin=albumin,
                of_albumin=of_albumin,
            )
        )
    return lines + [words.say(text) for text in REMAINS]


LATE = """\
A bag for which cells had to be thawed a second time may be ready late, and only cells are thawed: a late bag tells \
something. How much was not counted here."""
REMAINS = (
    """\
Who runs the server can, without the key, watch how many sealed records there are while a bag is prepared, and on \
PostgreSQL which of them one transaction wrote, and where rows lie (which depends on when it last swept: not during \
the comparison). With the key, they can read them.""",
    "One writer serves both planes: an answer may wait some thousandths of a second for the bench.",
    "Leaks, guesses, disk and times were tried on SQLite; the comparison, on both databases.",
    """\
Taken for granted: SHA-256 over 32 secret random bytes hides what it commits to, AES-256-GCM what is in its box; an \
ML-DSA-44 signature tells only what is signed. In the comparison they stand as such.""",
    "Anybody can run this again: make prove-blinding.",
)


RUNS_TO_KILL = 24
"""So many walks a leak is given to be found in."""
PLANTED = "Planted on purpose, and removed again: {killed} of {all} found"


def _leaks(one: Part | None, words: Words) -> Part | None:
    if one is None:
        return None
    rows = [
        {
            "channel": words.say(leak["channel"]),
            "what": words.say(leak["what"]),
            "found": bool(leak["found"]),
            "said": words.say("found in run {runs}", runs=leak["runs"]) if leak["found"] else words.say("NOT FOUND"),
        }
        for leak in one["leaks"]
    ]
    return {
        "title": words.say(PLANTED, killed=one["killed"], all=len(rows)),
        "intro": words.say(
            "Each line is a fault that somebody might make in good faith. None of them is in the product. Random walks "
            "are made, up to {tries}, until one of them finds it.",
            tries=RUNS_TO_KILL,
        ),
        "rows": rows,
    }
