"""The sealed plane's tables: tokens to find by, boxes to open. See `vault`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from custody.chain.things import Plane, Thing
from custody.store.body import pack, unpack
from custody.store.plane import Kept, PlaneStore, Row, statement
from custody.store.vault import Vault


class SealedStore(PlaneStore):
    """The sealed plane: tokens and boxes."""

    plane = Plane.SEALED

    def __init__(self, vault: Vault) -> None:
        """Take what opens the boxes."""
        self._vault = vault

    def write(self, connection: Connection, rows: list[Row], things: Iterable[Kept]) -> None:
        """Write entries, who they speak of, and the things as they stand after them."""
        if not rows:
            return
        vault = self._vault
        connection.execute(
            statement("INSERT INTO sealed_event VALUES (:place, :token, :box)"),
            [
                {
                    "place": row.place,
                    "token": vault.token("event", row.event),
                    "box": vault.close(row.entry, b"event %d" % row.place),
                }
                for row in rows
            ],
        )
        mentions = [
            self._mention(code, version, row.place)
            for row in rows
            for code, version in [*row.versions.items(), *((code, -1 - secrets.randbits(62)) for code in row.about)]
        ]
        if mentions:
            connection.execute(statement("INSERT INTO sealed_mention VALUES (:token, :number, :box)"), mentions)
        kept = [self._row(item) for item in things]
        if kept:
            connection.execute(statement(_SEALED_THING), kept)

    def _mention(self, code: str, number: int, place: int) -> dict[str, Any]:
        token = self._vault.token("mention", code)
        return {"token": token, "number": number, "box": self._vault.close(place.to_bytes(8), token, smallest=16)}

    def _row(self, kept: Kept) -> dict[str, Any]:
        thing = kept.thing
        token = self._vault.token("thing", thing.code)
        return {
            "token": token,
            "heap": self._heap(thing.KIND, thing.status),
            "version": kept.version,
            "box": self._vault.close(thing.KIND.encode() + b"\n" + pack(thing), b"thing " + token),
        }

    def _heap(self, kind: str, status: str) -> bytes:
        return self._vault.token("heap", f"{kind}\x00{status}")

    def _open(self, token: bytes, box: bytes) -> Thing:
        kind, _, body = self._vault.open(box, b"thing " + token).partition(b"\n")
        return unpack(kind.decode(), body)

    def thing(self, connection: Connection, code: str) -> Kept | None:
        """Give a thing as it stands, or None."""
        if not code.isprintable():
            return None
        token = self._vault.token("thing", code)
        query = "SELECT box, version FROM sealed_thing WHERE token = :token"
        row = connection.execute(statement(query), {"token": token}).first()
        return Kept(self._open(token, bytes(row[0])), row[1]) if row else None

    def find(self, connection: Connection, kind: str, status: str) -> list[Kept]:
        """Give all things of a kind in a state, in the order of their codes."""
        query = "SELECT token, box, version FROM sealed_thing WHERE heap = :heap"
        rows = connection.execute(statement(query), {"heap": self._heap(kind, status)})
        kept = [Kept(self._open(bytes(token), bytes(box)), version) for token, box, version in rows]
        return sorted(kept, key=lambda item: item.thing.code)

    def everything(self, connection: Connection) -> Iterator[Kept]:
        """Give all things, in no order."""
        for token, box, version in connection.execute(statement("SELECT token, box, version FROM sealed_thing")):
            yield Kept(self._open(bytes(token), bytes(box)), version)

    def misfiled(self, connection: Connection) -> Iterator[str]:
        """Give the codes of things that are looked up by something else than their fields say."""
        for token, heap, box in connection.execute(statement("SELECT token, heap, box FROM sealed_thing")):
            thing = self._open(bytes(token), bytes(box))
            filed = self._vault.token("thing", thing.code), self._heap(thing.KIND, thing.status)
            if filed != (bytes(token), bytes(heap)):
                yield thing.code

    def place_of(self, connection: Connection, event: str) -> int | None:
        """Give the index of an event in the log, or None."""
        token = self._vault.token("event", event)
        row = connection.execute(
            statement("SELECT place FROM sealed_event WHERE token = :token"), {"token": token}
        ).first()
        return row[0] if row else None

    def entries(self, connection: Connection, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries of an interval of the log, in order."""
        query = "SELECT place, box FROM sealed_event WHERE place >= :start AND place < :stop ORDER BY place"
        for place, box in connection.execute(statement(query), {"start": start, "stop": stop}):
            yield self._vault.open(bytes(box), b"event %d" % place)

    def mentions(self, connection: Connection, code: str) -> list[int]:
        """Give the indices of all entries that speak of a code, in order."""
        token = self._vault.token("mention", code)
        rows = connection.execute(statement("SELECT box FROM sealed_mention WHERE token = :token"), {"token": token})
        return sorted(int.from_bytes(self._vault.open(bytes(box), token)) for (box,) in rows)


_SEALED_THING = (
    "INSERT INTO sealed_thing VALUES (:token, :heap, :version, :box) ON CONFLICT (token) DO UPDATE SET "
    "heap = excluded.heap, version = excluded.version, box = excluded.box"
)
