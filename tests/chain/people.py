"""The cast: everybody who has a part in a trial of two wards, and one who has none."""

from hashlib import sha256

from custody import codes
from custody.chain.roles import Role
from custody.chain.things import Person


def badge(name):
    return codes.mint(codes.Kind.PERSON, lambda size: sha256(name.encode()).digest()[:size])


def person(name, role, site=""):
    return Person(code=badge(name), status="active", name=name, role=role, site=site, login=name.lower())


TECHNICIAN = person("Tess", Role.CELL_TECHNICIAN, "UNIT")
SECOND_TECHNICIAN = person("Theo", Role.CELL_TECHNICIAN, "UNIT")
RESPONSIBLE = person("Rosa", Role.RESPONSIBLE_PERSON, "UNIT")
SECOND_RESPONSIBLE = person("Remy", Role.RESPONSIBLE_PERSON, "UNIT")
COURIER = person("Carl", Role.COURIER)
SECOND_COURIER = person("Cleo", Role.COURIER)
NURSE = person("Nina", Role.ICU_NURSE, "NAN")
SECOND_NURSE = person("Noel", Role.ICU_NURSE, "NAN")
NURSE_OF_DIJON = person("Dora", Role.ICU_NURSE, "DIJ")
INVESTIGATOR = person("Iris", Role.INVESTIGATOR, "NAN")
INVESTIGATOR_OF_DIJON = person("Igor", Role.INVESTIGATOR, "DIJ")
MONITOR = person("Mona", Role.MONITOR)
STATISTICIAN = person("Stan", Role.STATISTICIAN)
INSPECTOR = person("Ines", Role.INSPECTOR)
UNBLINDED_INSPECTOR = person("Ulla", Role.UNBLINDED_INSPECTOR)
ADMINISTRATOR = person("Adam", Role.ADMINISTRATOR)
SYSTEM = Person(code="system", status="active", name="system", role=Role.SYSTEM)

CAST = (
    ADMINISTRATOR,
    TECHNICIAN,
    SECOND_TECHNICIAN,
    RESPONSIBLE,
    SECOND_RESPONSIBLE,
    COURIER,
    SECOND_COURIER,
    NURSE,
    SECOND_NURSE,
    NURSE_OF_DIJON,
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    MONITOR,
    STATISTICIAN,
    INSPECTOR,
    UNBLINDED_INSPECTOR,
)
BY_ROLE = {person.role: person for person in reversed((*CAST, SYSTEM))}
"""The first of each role."""
