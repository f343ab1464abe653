"""Files that commands write: whole or not at all, and never in the place of something that is no file."""

from __future__ import annotations

from pathlib import Path

from custody.cli.failing import Refused, Wrong


def write(path: Path, data: bytes) -> None:
    """Write a file; raise `Wrong` where that fails, and leave what was there.

    A link stays one, and what it leads to is written. A device or a pipe is written to, as the shell would do.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb", buffering=0) as stream:
                stream.write(data)
        else:
            _replace(path.resolve(), data)
    except (OSError, RuntimeError) as wrong:  # RuntimeError: links that lead round in a ring
        message = f"{path} cannot be written: {getattr(wrong, 'strerror', None) or wrong}"
        raise Wrong(message) from wrong


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; raise `Refused` where one is, `Wrong` where that fails."""
    if path.is_file():
        message = f"{path} is there already: a file is never overwritten by an export"
        raise Refused(message)
    write(path, data)


def _replace(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
