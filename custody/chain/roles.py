"""Who does what. A role that is not here is blinded and may do nothing."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The roles of a blinded cell therapy trial."""

    CELL_TECHNICIAN = "cell_technician"
    RESPONSIBLE_PERSON = "responsible_person"
    COURIER = "courier"
    ICU_NURSE = "icu_nurse"
    INVESTIGATOR = "investigator"
    MONITOR = "monitor"
    STATISTICIAN = "statistician"
    INSPECTOR = "inspector"
    UNBLINDED_INSPECTOR = "unblinded_inspector"
    ADMINISTRATOR = "administrator"
    SYSTEM = "system"
    """The door itself: it starts the trial and adds the first administrator. Given to nobody."""


UNBLINDED = frozenset(
    {
        Role.CELL_TECHNICIAN,
        Role.RESPONSIBLE_PERSON,
        Role.STATISTICIAN,
        Role.UNBLINDED_INSPECTOR,
    }
)

BENCH = frozenset({Role.CELL_TECHNICIAN, Role.RESPONSIBLE_PERSON})
WARD = frozenset({Role.ICU_NURSE, Role.INVESTIGATOR})
CARRIERS = frozenset({Role.CELL_TECHNICIAN, Role.RESPONSIBLE_PERSON, Role.COURIER, Role.ICU_NURSE})
EVERYBODY = frozenset(Role) - {Role.SYSTEM}


def in_words(codes: str) -> str:
    """Say roles as people call them; they are given by their codes, with commas between."""
    return codes.replace("icu_", "ICU ").replace("_", " ")


def sees_arm(role: str) -> bool:
    """Return whether a role may see the sealed plane; anything unknown may not."""
    return role in UNBLINDED
