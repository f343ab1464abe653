"""What the home page offers beside its lists: steps that begin with no scan, checkpoints to keep, limits to confirm."""

from __future__ import annotations

from typing import Final

from flask_babel import gettext as _

from custody.chain.protocol import Site
from custody.chain.roles import Role, sees_arm
from custody.chain.step import STEPS, Spec
from custody.chain.things import Plane, Stratum
from custody.export import arms
from custody.web.who import connection, door, locked, open_store, person, stores

OVERSEERS: Final = frozenset({Role.MONITOR, Role.RESPONSIBLE_PERSON, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})


BEGINNINGS: Final = (
    "add_person",
    "load_randomisation",
    "add_location",
    "reconcile",
    "reconcile_sealed",
    "unseal",
    "raise_bench_deviation",
    "raise_deviation",
)
"""Steps that begin with no scan."""


KEEPERS: Final = frozenset({Role.MONITOR, Role.STATISTICIAN, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
"""Who is outside the wards and the bench: a checkpoint that they keep is worth something against the others."""


def kept_checkpoints() -> list[tuple[Plane, str]]:
    """Give the logs of which this person is asked to keep a checkpoint, with the words of the button."""
    role = person().role
    if role not in KEEPERS:
        return []
    if not sees_arm(role):
        return [(Plane.OPEN, _("Keep a checkpoint"))]
    return [(Plane.OPEN, _("Checkpoint of the open log")), (Plane.SEALED, _("Checkpoint of the sealed log"))]


def beginnings() -> list[Spec]:
    """Give the steps that this person may begin without a scan."""
    specs = [STEPS[name].SPEC for name in BEGINNINGS]
    return [spec for spec in specs if person().role in spec.by and (spec.after_lock or not locked()) and _needed(spec)]


def _needed(spec: Spec) -> bool:
    """Say whether something is left of a step that ends: lists to be loaded, codes to be opened."""
    if spec.name == "load_randomisation":
        return bool(unlisted())
    return spec.name != "unseal" or not arms.are_open(open_store(), connection())


def unlisted() -> list[Site]:
    """Give the sites that enrol and have no randomisation list yet; asked by those alone who see the sealed plane."""
    found = stores()[Plane.SEALED].find(connection(), Stratum.KIND, "loaded")
    listed = {kept.thing.site for kept in found}
    return [site for site in door().protocol.sites if site.kind == "icu" and site.code not in listed]


def unconfirmed() -> tuple[str, ...]:
    """Give the limits that the sponsor has still to confirm, to those who oversee the trial."""
    return door().protocol.unconfirmed if person().role in OVERSEERS else ()
