"""The people of a simulated trial: every role at its sites, enough of each for second persons and witnesses.

All names are invented. Sign-in names say the role and the site, so that nobody needs a list to try one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from custody.chain.protocol import Protocol
from custody.chain.roles import Role
from custody.chain.things import Person
from custody.people import passwords
from custody.store import accounts
from custody.store.database import Database

UNIT: Final = ((Role.CELL_TECHNICIAN, "technician", 3), (Role.RESPONSIBLE_PERSON, "responsible", 2))
"""(role, sign-in name, how many) at each cell therapy unit."""
WARD: Final = ((Role.INVESTIGATOR, "investigator", 1), (Role.ICU_NURSE, "nurse", 3))
"""The same at each intensive care unit; there the sign-in name has the site's code behind it."""
ELSEWHERE: Final = (
    (Role.ADMINISTRATOR, "admin", 1),
    (Role.COURIER, "courier", 2),
    (Role.MONITOR, "monitor", 1),
    (Role.STATISTICIAN, "statistician", 1),
    (Role.INSPECTOR, "inspector", 1),
    (Role.UNBLINDED_INSPECTOR, "inspector-unblinded", 1),
)
FIRST: Final = """
    Alice Bruno Chloé David Emma Farid Gaëlle Hugo Inès Jules Karima Louis Manon Nabil Océane Paul Rachel Samir
    Théa Ulysse Valérie William Yasmine Zoé
"""
LAST: Final = """
    Aubry Bertin Chevalier Dumas Faivre Grandjean Henriot Jacquot Klein Laurent Muller Noël Perrin Richert Schmitt
    Thiébaut Vautrin Weber Zeller
"""


class Member(NamedTuple):
    """Somebody who is to be added."""

    name: str
    role: Role
    site: str
    login: str


def members(protocol: Protocol) -> Iterator[Member]:
    """Yield who works in a trial: the same people for the same protocol, the administrator first."""
    first, last = FIRST.split(), LAST.split()
    for number, (role, site, login) in enumerate(_posts(protocol)):
        name = f"{first[number % len(first)]} {last[number * 7 % len(last)]}"
        yield Member(name, role, site, login)


def _posts(protocol: Protocol) -> Iterator[tuple[Role, str, str]]:
    units = [site.code for site in protocol.sites if site.kind == "cell_therapy_unit"]
    wards = [site.code for site in protocol.sites if site.kind == "icu"]
    yield from _numbered(ELSEWHERE, "", "")
    for number, code in enumerate(units):
        yield from _numbered(UNIT, code, f"-{code.lower()}" if number else "")
    for code in wards:
        yield from _numbered(WARD, code, f"-{code.lower()}")


def _numbered(posts: Sequence[tuple[Role, str, int]], site: str, suffix: str) -> Iterator[tuple[Role, str, str]]:
    for role, login, count in posts:
        for number in range(1, count + 1):
            yield role, site, f"{login}{suffix}{number if number > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is there."""

    people: tuple[Person, ...]

    def all(self, role: Role, site: str = "") -> list[Person]:
        """Give everybody of a role, at one site if it is named."""
        return [one for one in self.people if one.role == role and site in {"", one.site}]

    def one(self, role: Role, site: str = "", number: int = 0) -> Person:
        """Give somebody of a role; a number beyond the last begins again with the first."""
        found = self.all(role, site)
        return found[number % len(found)]

    def other(self, person: Person) -> Person:
        """Give somebody else of the same role and site."""
        return next(one for one in self.all(Role(person.role), person.site) if one.code != person.code)


def give_accounts(database: Database, cast: Cast, password: str) -> None:
    """Let everybody sign in, all with one password."""
    secrets = [(person, passwords.keep(password)) for person in cast.people]
    with database.writing() as connection:
        for person, secret in secrets:
            accounts.keep(connection, person.code, person.login, secret)
