"""The arms of all participants, once every code is open: from the open plane alone, so for everybody alike."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection

from custody.chain.things import UNSEALING, Participant
from custody.chain.transitions import states
from custody.store.open_store import OpenStore

COLUMNS: Final = ("number", "site", "arm", "state", "participant", "treatment_bags")


def are_open(store: OpenStore, connection: Connection) -> bool:
    """Say whether every code is open."""
    kept = store.thing(connection, UNSEALING)
    return kept is not None and kept.thing.status == "complete"


def arms(store: OpenStore, connection: Connection) -> list[Participant] | None:
    """Give the participants by site and number, each with its arm; None until every code is open."""
    if not are_open(store, connection):
        return None
    found = [one.thing for state in states(Participant.KIND) for one in store.find(connection, Participant.KIND, state)]
    people = [one for one in found if isinstance(one, Participant)]
    return sorted(people, key=lambda one: (one.site, one.number))


def write_csv(people: Iterable[Participant]) -> str:
    """Write them as a file; who was enrolled and never randomised has no arm."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(
        (one.number, one.site, one.unsealed_arm, one.status, one.code, " ".join(one.treatment_bags)) for one in people
    )
    return text.getvalue()
