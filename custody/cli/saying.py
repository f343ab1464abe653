"""What is written to the terminal: lines, tables, JSON, and a bar for what takes longer than a second."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

ONLY_AFTER_S: Final = 1
"""Seconds before which no bar is shown."""


def say(line: str = "") -> None:
    """Write one line."""
    sys.stdout.write(f"{line}\n")


def error(line: str) -> None:
    """Write one line on what is wrong."""
    sys.stderr.write(f"custody: {line}\n")


def say_json(value: Any) -> None:
    """Write a value as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return dataclasses.asdict(value)


def say_table(heads: Sequence[str], rows: Sequence[Sequence[object]], indent: str = "") -> None:
    """Write a table, its columns as wide as their widest cell."""
    texts = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(heads))]
    for row in texts:
        say((indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip())


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Give what is called as each of `total` things is done; a bar shows it, on a terminal only."""
    from tqdm import tqdm

    with tqdm(total=total, desc=what, delay=ONLY_AFTER_S, disable=None, leave=False, file=sys.stderr) as bar:
        yield lambda: _step(bar)


@contextmanager
def counting(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """Give what is called with (part, done, of how many); a bar shows it, on a terminal only."""
    from tqdm import tqdm

    with tqdm(desc=what, delay=ONLY_AFTER_S, disable=None, leave=False, file=sys.stderr) as bar:

        def show(part: str, done: int, total: int) -> None:
            bar.total = total
            bar.set_description(f"{what} {part}", refresh=False)
            bar.update(done - bar.n)

        yield show


def _step(bar: Any) -> None:
    bar.update(1)
