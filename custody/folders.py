"""Folders that are made on the way to something, and go again when nothing comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def made(folder: Path, mode: int = 0o777) -> Iterator[Path]:
    """Have a folder while something is made in it; when that fails, take away again what was not there before."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=mode)
        yield folder
    except BaseException:
        for one in new:
            with suppress(OSError):  # somebody else has put something there
                one.rmdir()
        raise
