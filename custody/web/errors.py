"""Errors as pages: what is wrong and what to do. Nothing of the inside is shown.

The server's log says of an unexpected error what it is and where it arose, and never its message: that may hold codes,
fields or rows of the sealed plane, and the log lies in clear.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from flask import Flask, current_app, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from custody.chain.step import N_

TEXTS = {
    400: (N_("This request is incomplete."), N_("Go back, open the page again, and repeat the step.")),
    404: (N_("Not known here."), N_("Check the code, or scan again.")),
    405: (N_("This cannot be done this way."), N_("Go back to the start.")),
    413: (N_("This is too large."), N_("Take a smaller picture.")),
    429: (N_("Too many tries."), N_("Wait a minute, then try again.")),
    500: (N_("Something went wrong on our side."), N_("Nothing was changed. Try again; if it stays, call support.")),
}


def start(app: Flask) -> None:
    """Show each error as a page."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _defect)


def _csrf(_error: CSRFError) -> tuple[str, int]:
    what = _("This page is too old to be sent.")
    return render_template("error.html", what=what, advice=_("Open it again: what you typed is not lost.")), 400


def _http(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    what, advice = TEXTS.get(code, TEXTS[400 if code < 500 else 500])
    return render_template("error.html", what=_(what), advice=_(advice)), code


def _defect(error: Exception) -> tuple[str, int]:
    log("unexpected", error)
    what, advice = TEXTS[500]
    return render_template("error.html", what=_(what), advice=_(advice)), 500


def log(what: str, error: BaseException) -> None:
    """Write an error to the server's log: its type and place, and those of what it came from."""
    current_app.logger.error("%s: %s", what, "\n".join(_places(error)))


def _places(error: BaseException | None) -> Iterator[str]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield type(error).__qualname__
        for frame in traceback.extract_tb(error.__traceback__):
            yield f"  {frame.filename}:{frame.lineno}, in {frame.name}"
        error = error.__cause__ or error.__context__
