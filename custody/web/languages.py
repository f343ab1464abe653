"""French and English pages: English is the source; `custody/translations/fr.po` has the French.

A missing French string fails the tests.
"""

from __future__ import annotations

from typing import Any, Final

from babel.support import NullTranslations
from flask import Flask, g, request, session
from flask_babel import Babel, Domain, get_locale

from custody.catalogue import catalogue

LANGUAGES: Final = ("fr", "en")


class TextDomain(Domain):  # type: ignore[misc]
    """Gives the translations of the request's language."""

    def get_translations(self) -> NullTranslations:
        """Give them; English is the source and needs none."""
        locale = get_locale()
        return catalogue(locale.language if locale else "en")


def language() -> str:
    """Give the language of this request: the one chosen, else the browser's, else French."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or "fr"


def zone() -> str:
    """Give the zone in which this request's times are shown: the person's site's."""
    return str(getattr(g, "zone", "UTC"))


def start(app: Flask) -> None:
    """Make the app speak both."""
    babel: Any = Babel(app, default_locale="fr", locale_selector=language, timezone_selector=zone)
    babel.domain_instance = TextDomain()
