"""Folders that are made on the way to something, and go again when nothing comes of it.

Whatever is made is its owner's alone (0700): `Path.mkdir` gives its mode to the last folder only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def private(folder: Path) -> None:
    """Have a folder; it and each parent that was missing are made for their owner alone."""
    for one in (*reversed(folder.parents), folder):
        if not one.exists():
            one.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(exist_ok=True)  # raises for what is there and no folder


@contextmanager
def made(folder: Path) -> Iterator[Path]:
    """Have a folder while something is made in it; when that fails, take away again what was not there before."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        private(folder)
        yield folder
    except BaseException:
        for one in new:
            with suppress(OSError):  # somebody else has put something there
                one.rmdir()
        raise
