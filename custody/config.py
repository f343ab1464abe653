"""Every setting, where it comes from and what it means. All are environment variables.

| variable | meaning | without it |
|---|---|---|
| `CUSTODY_DATA` | folder of the embedded database, and of the keys | `data` where one stands |
| `CUSTODY_DATABASE_URL` | `postgresql://user@host/name`, or another SQLite file | SQLite in the data folder |
| `CUSTODY_KEYS` | folder of the ledger's private keys: best not beside the database | `keys` in the data folder |
| `CUSTODY_ORIGIN` | name of the ledger, for `custody init` | `custody.example/` and the protocol's id |
| `HOST`, `PORT` | where `custody run` serves, unless `--host` or `--port` says otherwise | `localhost`, `8000` |
| `CUSTODY_BASE_URL` | what a printed QR begins with, at most 32 characters | `https://custody.example` |
| `CUSTODY_LOCK_AFTER_MIN` | minutes without use after which a sign-in asks for its password again, 1 to 720 | 15 |
| `CUSTODY_INSECURE_COOKIES` | `1` lets cookies travel over plain HTTP: for localhost alone | secure cookies |
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

HOST: Final = "localhost"
PORT: Final = "8000"
NEVER: Final = timedelta.max
"""For what runs without people: no sign-in is locked. No setting says so."""
LOCK_AFTER_MIN: Final = 15
LONGEST_LOCK_MIN: Final = 12 * 60
"""No longer than a sign-in holds."""
LONGEST_BASE: Final = 32
"""Characters that a label's QR leaves for what stands before `/S/` and the code."""


class BadSetting(ValueError):
    """A variable that cannot be what it is said to be."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one running service."""

    data: Path
    database_url: str
    keys: Path
    origin: str
    base_url: str
    secure_cookies: bool
    lock_after: timedelta = NEVER
    """How long a sign-in may stay unused; then it is locked."""
    host: str = HOST
    port: str = PORT
    """As it was given: whoever listens there holds it against what a port can be."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Config:
        """Read the environment."""
        data = Path(environment.get("CUSTODY_DATA") or "data").absolute()
        return cls(
            data=data,
            database_url=environment.get("CUSTODY_DATABASE_URL") or f"sqlite:///{data / 'custody.db'}",
            keys=Path(environment.get("CUSTODY_KEYS") or data / "keys").absolute(),
            origin=environment.get("CUSTODY_ORIGIN", ""),
            base_url=_base_url(environment.get("CUSTODY_BASE_URL") or "https://custody.example"),
            secure_cookies=environment.get("CUSTODY_INSECURE_COOKIES") != "1",
            lock_after=_lock_after(environment.get("CUSTODY_LOCK_AFTER_MIN", "")),
            host=environment.get("HOST") or HOST,
            port=environment.get("PORT") or PORT,
        )


_LINK: Final = re.compile(r"https?://[A-Z0-9._:\[\]-]+/?", re.IGNORECASE | re.ASCII)


def _base_url(text: str) -> str:
    """Read what a QR begins with; raise `BadSetting` for what no label has room for, or no scanner reads again."""
    if len(text.rstrip("/")) > LONGEST_BASE or not _LINK.fullmatch(text):
        message = f"CUSTODY_BASE_URL: expected https://HOST, at most {LONGEST_BASE} characters, found {text!r}"
        raise BadSetting(message)
    return text


def _lock_after(text: str) -> timedelta:
    """Read how long a sign-in may stay unused; raise `BadSetting` for no such time."""
    if not text:
        return timedelta(minutes=LOCK_AFTER_MIN)
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LONGEST_LOCK_MIN):
        message = f"CUSTODY_LOCK_AFTER_MIN: expected whole minutes from 1 to {LONGEST_LOCK_MIN}, found {text!r}"
        raise BadSetting(message)
    return timedelta(minutes=int(text))
