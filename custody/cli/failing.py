"""Errors as exit code and lines: what is wrong, where, and what is expected."""

from __future__ import annotations

import argparse
import traceback
from pathlib import Path
from typing import Final

REFUSED: Final = frozenset(
    {
        "custody.ledger.export.ExportError",
        "custody.record.create.LedgerExists",
        "custody.record.log.TailBroken",
        "custody.simulate.asking.Unexpected",
        "custody.simulate.run.OutputExists",
    }
)
"""Named, not imported: a command loads only what it needs."""

NO_PRIVILEGE: Final = "42501"
"""PostgreSQL's code of what its user may not do."""


class Wrong(Exception):
    """A use or an input that cannot be: exit code 2."""


class Refused(Exception):
    """Something that is not done: exit code 1."""


def outcome(wrong: Exception, given: argparse.Namespace | None = None) -> tuple[int, list[str]]:
    """Give exit code and lines of an error; `given` says which database the command was to use."""
    if isinstance(wrong, Refused):
        return 1, str(wrong).splitlines()
    names = {f"{cls.__module__}.{cls.__qualname__}" for cls in type(wrong).__mro__}
    if names & REFUSED:
        return 1, str(wrong).splitlines()
    if isinstance(wrong, Wrong) or (
        _is_ours(wrong) and isinstance(wrong, ValueError | LookupError | OSError | RuntimeError)
    ):
        return 2, str(wrong).splitlines()
    if isinstance(wrong, OSError):
        where = f"{wrong.filename}: " if wrong.filename else ""
        return 2, [f"{where}{wrong.strerror or wrong}"]
    if "sqlalchemy.exc.SQLAlchemyError" in names:
        return 2, [f"the database cannot be used: {_of_database(getattr(wrong, 'orig', None) or wrong, given)}"]
    return 1, [_defect(wrong)]


def _is_ours(wrong: Exception) -> bool:
    return type(wrong).__module__.startswith("custody.")


def _of_database(wrong: object, given: argparse.Namespace | None) -> str:
    """Say which database it was, without its password, and what it said."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - whoever raised this has loaded it

    from custody.cli.opening import settings  # noqa: PLC0415 - it raises what is told here

    where = f"{make_url(settings(given).database_url)}: " if given and hasattr(given, "database") else ""
    expected = ": expected a user who owns the database and may create roles (CREATEROLE)"
    return f"{where}{_first_line(wrong)}{expected if getattr(wrong, 'sqlstate', '') == NO_PRIVILEGE else ''}"


def _first_line(wrong: object) -> str:
    return next(iter(str(wrong).splitlines()), type(wrong).__name__)


def _defect(wrong: Exception) -> str:
    """Say that the program is wrong, and where."""
    frames = traceback.extract_tb(wrong.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"a defect of this program, at {where}: {type(wrong).__name__}: {_first_line(wrong)}"
