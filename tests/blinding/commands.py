"""The command line as a blinded person, or whoever has no key, can use it: each command on both copies, in turn.

The commands are those that the parser has; one that nobody thought of stops the proof. What a command writes is
compared with what it says: texts, exit code, and every file, byte for byte.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from unittest import mock

import qrcode

from custody import cli
from tests.blinding.twins import Difference, Twin, Twins

NOT_OF_A_LEDGER = frozenset({"init", "demo", "run", "simulate", "upgrade"})
"""They make a ledger, serve it (see `views`), or play one of their own."""
AS_BLINDED = frozenset({"label", "scan", "trace"})
"""They look at things: with the keys, at the open plane alone when they are told to."""
WITH_THE_KEYS = AS_BLINDED | {"export", "person", "site", "randomisation", "unseal"}
"""What these write others see, or they ask for a password, which is wrong here: tried with the keys as well."""


def said(twins: Twins, chance: Random, codes: list[str], bags: list[str]) -> int:
    """Give every command to both copies; raise `Difference`; say how many there were."""
    asked = 0
    with TemporaryDirectory(prefix="custody-commands-") as name:
        work = Path(name)
        picture = work / "label.png"
        qrcode.make(chance.choice(codes)).save(str(picture))
        for number, words in enumerate(_lines([*chance.sample(codes, min(4, len(codes))), *bags[:2]], picture)):
            answers = []
            for twin in twins.pair:
                twins.turn(twin, "command", number)
                answers.append(
                    [_ran(twin, words, keys, work / f"{number}-{twin.name}") for keys in _keys(twins, words)]
                )
            asked += len(answers[0])
            if answers[0] != answers[1]:
                message = f"custody {' '.join(words)}: {str(answers[0])[:300]} / {str(answers[1])[:300]}"
                raise Difference(message)
    return asked


def _keys(twins: Twins, words: list[str]) -> list[Path]:
    """Give the folders of keys that a command is tried with: none, and the ledger's own."""
    keys = twins.ground.keys
    return [keys / "none", *([keys] if words[0] in WITH_THE_KEYS else [])]


def _lines(some: list[str], picture: Path) -> Iterator[list[str]]:
    """Yield what is typed; {out} is a new folder or file."""
    known = {
        "code": [["code", code, "--json"] for code in some],
        "trace": [["trace", code, "--json"] for code in some],
        "scan": [["scan", str(picture), "--json"]],
        "label": [
            ["label", "--list", "--json"],
            *(["label", "treatment_bag", code, "--out", "{out}.pdf"] for code in some),
            *(["label", "treatment_bag", code, "--copies", "2", "--out", "{out}.zpl"] for code in some[-2:]),
        ],
        "verify": [["verify"], ["verify", "--json"], ["verify", "--replay"]],
        "export": [
            ["export", "ledger", "--out", "{out}"],
            ["export", "arms", "--out", "{out}.csv"],
            ["export", "checkpoint", "--out", "{out}.txt"],  # --sealed needs the keys, and is for who sees the arm
        ],
        "site": [["site", "list", "--json"]],
        "person": [["person", "list", "--json"]],
        "randomisation": [["randomisation", "show", "--as", "statistician"]],
        "unseal": [["unseal", "--signed-by", "statistician", "--signed-by", "responsible"]],
    }
    for command in sorted(commands() - NOT_OF_A_LEDGER):
        if command not in known:
            message = f"custody {command}: say here how it is typed"
            raise AssertionError(message)
        yield from known[command]


def commands() -> set[str]:
    """Give the names of all commands, from the parser."""
    actions = cli.parser()._actions
    return {name for one in actions if isinstance(one, argparse._SubParsersAction) for name in one.choices}


def _ran(twin: Twin, words: list[str], keys: Path, out: Path) -> tuple[int, str, dict[str, bytes]]:
    """Run a command; give its exit code, what it said, and the files that it wrote."""
    place = [] if words[0] == "code" else ["--database", twin.url, "--keys", str(keys)]
    place += ["--as-blinded"] if words[0] in AS_BLINDED and keys == twin.keys else []
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told), mock.patch("sys.stdin", io.StringIO("wrong\n" * 4)):
        code = cli.main([*(word.replace("{out}", str(out)) for word in words), *place])
    files = {str(path.relative_to(out.parent)): path for path in out.parent.rglob("*") if path.is_file()}
    mine = {
        name.replace(out.name, "out"): path.read_bytes() for name, path in files.items() if name.startswith(out.name)
    }
    return code, told.getvalue().replace(str(out), "OUT").replace(twin.url, "DATABASE"), mine
