"""Scripts, styles and pictures: under an address that changes with them, so that a browser asks for each only once.

A page has some thirty of them. Asked for anew each time, even if only to hear that nothing changed, they cost a
tablet with poor Wi-Fi seconds a page.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, send_from_directory

FOLDER: Final = Path(__file__).parent / "static"
ENDPOINT: Final = "static"
KEPT_S: Final = 365 * 24 * 3600
"""How long a browser keeps a file: a year."""


def start(app: Flask) -> None:
    """Serve the files; `url_for("static", filename=...)` gives their present address."""
    present = version_of(FOLDER)

    def file(version: str, filename: str) -> Response:
        """Give a file: to be kept at its present address, not at one of before (of a page opened before an update)."""
        response = send_from_directory(FOLDER, filename, max_age=KEPT_S if version == present else 0)
        if version == present:
            response.cache_control.immutable = True
        return response

    def defaults(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT:
            values.setdefault("version", present)

    app.add_url_rule("/static/<version>/<path:filename>", ENDPOINT, file)
    app.url_defaults(defaults)


def version_of(folder: Path) -> str:
    """Give what changes with any file's name or bytes."""
    whole = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]
