"""Every setting, where it comes from and what it means. All are environment variables.

| variable | meaning | without it |
|---|---|---|
| `CUSTODY_DATA` | folder of the embedded database, and of the keys | `data` where one stands |
| `CUSTODY_DATABASE_URL` | `postgresql://user@host/name`, or another SQLite file | SQLite in the data folder |
| `CUSTODY_KEYS` | folder of the ledger's private keys: best not beside the database | `keys` in the data folder |
| `CUSTODY_ORIGIN` | name of the ledger, for `custody init` | `custody.example/` and the protocol's id |
| `HOST`, `PORT` | where `custody run` serves, unless `--host` or `--port` says otherwise | `localhost`, `8000` |
| `CUSTODY_BASE_URL` | what a printed QR begins with | `https://custody.example` |
| `CUSTODY_INSECURE_COOKIES` | `1` lets cookies travel over plain HTTP: for localhost alone | secure cookies |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOST: Final = "localhost"
PORT: Final = "8000"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one running service."""

    data: Path
    database_url: str
    keys: Path
    origin: str
    base_url: str
    secure_cookies: bool
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
            base_url=environment.get("CUSTODY_BASE_URL") or "https://custody.example",
            secure_cookies=environment.get("CUSTODY_INSECURE_COOKIES") != "1",
            host=environment.get("HOST") or HOST,
            port=environment.get("PORT") or PORT,
        )
