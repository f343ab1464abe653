"""The open plane's tables, in clear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from custody.chain.things import Participant, Plane, Thing
from custody.store.body import BadBody, pack, unpack
from custody.store.plane import Kept, PlaneStore, Row, listed, run, write
from custody.store.typed import typed


class OpenStore(PlaneStore):
    """The open plane: in clear."""

    plane = Plane.OPEN

    def write(self, connection: Connection, rows: list[Row], things: Iterable[Kept]) -> None:
        """Write entries, who they speak of, and the things as they stand after them."""
        if not rows:
            return
        entries = [{"place": row.place, "event": row.event, "entry": row.entry} for row in rows]
        write(connection, "INSERT INTO open_event VALUES (:place, :event, :entry)", entries)
        mentions = [
            {"code": code, "number": version, "place": row.place}
            for row in rows
            for code, version in [*row.versions.items(), *((code, -1 - row.place) for code in row.about)]
        ]
        write(connection, "INSERT INTO open_mention VALUES (:code, :number, :place)", mentions)
        write(connection, _OPEN_THING, [_open_row(item) for item in things])

    def thing(self, connection: Connection, code: str) -> Kept | None:
        """Give a thing as it stands, or None."""
        if not code.isprintable():
            return None
        query = "SELECT kind, body, version FROM open_thing WHERE code = :code"
        row = run(connection, query, {"code": code}).first()
        return Kept(unpack(row[0], row[1]), row[2]) if row else None

    def find(self, connection: Connection, kind: str, status: str) -> list[Kept]:
        """Give all things of a kind in a state, in the order of their codes."""
        query = "SELECT body, version FROM open_thing WHERE kind = :kind AND status = :status ORDER BY code"
        rows = run(connection, query, {"kind": kind, "status": status})
        return [Kept(unpack(kind, body), version) for body, version in rows]

    def everything(self, connection: Connection) -> Iterator[Kept]:
        """Give all things, in no order."""
        for code, kind, body, version in run(connection, "SELECT code, kind, body, version FROM open_thing"):
            try:
                thing = unpack(kind, body)
            except BadBody as wrong:
                wrong.code = code
                raise
            yield Kept(thing, version)

    def misfiled(self, connection: Connection) -> Iterator[tuple[str, list[str]]]:
        """Give the codes of things whose columns say something else than their fields, and those columns."""
        query = "SELECT code, kind, status, site, holder, version, body FROM open_thing"
        for row in run(connection, query).mappings():
            right = _open_row(Kept(unpack(row["kind"], row["body"]), row["version"]))
            if wrong := [name for name in right if row[name] != right[name]]:
                yield row["code"], wrong

    def at_site(self, connection: Connection, kind: str, status: str, site: str) -> list[Thing]:
        """Give the things of a kind in a state at a site, in the order of their codes."""
        query = "SELECT body FROM open_thing WHERE kind = :kind AND status = :status AND site = :site ORDER BY code"
        rows = run(connection, query, {"kind": kind, "status": status, "site": site})
        return [unpack(kind, body) for (body,) in rows]

    def numbered(self, connection: Connection, site: str, number: str) -> Participant | None:
        """Give the participant of a site who bears a trial number, or None."""
        query = "SELECT kind, body FROM open_thing WHERE kind = :kind AND site = :site"
        rows = run(connection, query, {"kind": Participant.KIND, "site": site})
        things = (unpack(kind, body) for kind, body in rows)
        return next((one for one in things if isinstance(one, Participant) and one.number == number), None)

    def in_order(self, connection: Connection, kind: str, first: str, start: int, most: int) -> list[Thing]:
        """Give some things of a kind: the state `first` before others, else in the order of the log."""
        rows = run(connection, _IN_ORDER, {"kind": kind, "first": first, "start": start, "most": most})
        return [unpack(kind, body) for (body,) in rows]

    def held_by(self, connection: Connection, person: str) -> list[Thing]:
        """Give the things of which a person is the custodian, in the order of their codes."""
        query = "SELECT kind, body FROM open_thing WHERE holder = :person ORDER BY code"
        return [unpack(kind, body) for kind, body in run(connection, query, {"person": person})]

    def counts(self, connection: Connection, kind: str) -> dict[tuple[str, str], int]:
        """Give how many things of a kind stand in each state at each site, by (site, status)."""
        query = "SELECT site, status, count(*) FROM open_thing WHERE kind = :kind GROUP BY site, status"
        return {(site, status): count for site, status, count in run(connection, query, {"kind": kind})}

    def places_of(self, connection: Connection, events: Sequence[str]) -> dict[str, int]:
        """Give the index of each of some events that is in the log: one question for all of them."""
        names, values = listed(events)
        query = f"SELECT event, place FROM open_event WHERE event IN ({names})"
        rows = run(connection, query, values)
        return {row.event: row.place for row in rows}

    def entries(self, connection: Connection, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries of an interval of the log, in order."""
        query = "SELECT place, entry FROM open_event WHERE place >= :start AND place < :stop ORDER BY place"
        for place, entry in run(connection, query, {"start": start, "stop": stop}):
            yield typed(bytes, entry, "open_event", place, "entry")

    def mention_rows(self, connection: Connection, code: str, *, changed: bool = True) -> Iterator[tuple[int, int]]:
        """Yield place and number of each row of `mentions`, in no order."""
        query = f"SELECT place, number FROM open_mention WHERE code = :code{'' if changed else ' AND number < 0'}"
        for place, number in run(connection, query, {"code": code}):
            row = ("open_mention", (code, number))
            yield typed(int, place, *row, "place"), typed(int, number, *row, "number")


_IN_ORDER = (
    "SELECT t.body FROM open_thing AS t JOIN open_mention AS m ON m.code = t.code AND m.number = 1 "
    "WHERE t.kind = :kind ORDER BY CASE WHEN t.status = :first THEN 0 ELSE 1 END, m.place, t.code "
    "LIMIT :most OFFSET :start"
)
"""The first version of a thing was made by the record that it began with."""
_OPEN_THING = (
    "INSERT INTO open_thing VALUES (:code, :kind, :status, :site, :holder, :version, :body) "
    "ON CONFLICT (code) DO UPDATE SET status = excluded.status, site = excluded.site, holder = excluded.holder, "
    "version = excluded.version, body = excluded.body"
)


def _open_row(kept: Kept) -> dict[str, Any]:
    thing = kept.thing
    return {
        "code": thing.code,
        "kind": thing.KIND,
        "status": thing.status,
        "site": thing.site,
        "holder": getattr(thing, "custodian", ""),
        "version": kept.version,
        "body": pack(thing),
    }
