"""The sealed plane's tables: tokens to find by, boxes to open. See `vault`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from custody.chain.things import Plane, Thing
from custody.store.body import pack, unpack
from custody.store.plane import Kept, PlaneStore, Row, listed, run, write
from custody.store.typed import place as named
from custody.store.typed import typed
from custody.store.vault import Vault, WrongKey

SMALLEST_EVENT: Final = 4096
"""Bytes to which entries are padded at least: twice what the longest of a preparation has, with all its cryobags."""


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
        write(
            connection,
            "INSERT INTO sealed_event VALUES (:place, :token, :box)",
            [
                {
                    "place": row.place,
                    "token": self._vault.token("event", row.event),
                    "box": self._vault.close(row.entry, b"event %d" % row.place, SMALLEST_EVENT),
                }
                for row in rows
            ],
        )
        mentions = [
            self._mention(code, version, row.place)
            for row in rows
            for code, version in [*row.versions.items(), *((code, -1 - secrets.randbits(62)) for code in row.about)]
        ]
        write(connection, "INSERT INTO sealed_mention VALUES (:token, :number, :box)", mentions)
        write(connection, _SEALED_THING, [self._row(item) for item in things])

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

    def _open(self, token: object, box: object) -> Thing:
        token = typed(bytes, token, "sealed_thing", token, "token")
        box = typed(bytes, box, "sealed_thing", token, "box")
        try:
            kind, _, body = self._vault.open(box, b"thing " + token).partition(b"\n")
        except WrongKey as wrong:
            message = f"{named('sealed_thing', token)}: {wrong}"
            raise WrongKey(message) from wrong
        return unpack(kind.decode(), body)

    def thing(self, connection: Connection, code: str) -> Kept | None:
        """Give a thing as it stands, or None."""
        if not code.isprintable():
            return None
        token = self._vault.token("thing", code)
        query = "SELECT box, version FROM sealed_thing WHERE token = :token"
        row = run(connection, query, {"token": token}).first()
        return Kept(self._open(token, row[0]), row[1]) if row else None

    def find(self, connection: Connection, kind: str, status: str) -> list[Kept]:
        """Give all things of a kind in a state, in the order of their codes."""
        query = "SELECT token, box, version FROM sealed_thing WHERE heap = :heap"
        rows = run(connection, query, {"heap": self._heap(kind, status)})
        kept = [Kept(self._open(token, box), version) for token, box, version in rows]
        return sorted(kept, key=lambda item: item.thing.code)

    def everything(self, connection: Connection) -> Iterator[Kept]:
        """Give all things, in no order."""
        for token, box, version in run(connection, "SELECT token, box, version FROM sealed_thing"):
            yield Kept(self._open(token, box), version)

    def misfiled(self, connection: Connection) -> Iterator[tuple[str, list[str]]]:
        """Give the codes of things whose columns say something else than their fields, and those columns."""
        for token, heap, box in run(connection, "SELECT token, heap, box FROM sealed_thing"):
            thing = self._open(token, box)
            right = {"token": self._vault.token("thing", thing.code), "heap": self._heap(thing.KIND, thing.status)}
            there = {"token": token, "heap": heap}
            if wrong := [name for name in right if there[name] != right[name]]:
                yield thing.code, wrong

    def places_of(self, connection: Connection, events: Sequence[str]) -> dict[str, int]:
        """Give the index of each of some events that is in the log: one question for all of them."""
        tokens = {self._vault.token("event", event): event for event in events}
        names, values = listed(list(tokens))
        query = f"SELECT token, place FROM sealed_event WHERE token IN ({names})"
        rows = run(connection, query, values)
        return {tokens[token]: place for token, place in rows}

    def entries(self, connection: Connection, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries of an interval of the log, in order."""
        query = "SELECT place, box FROM sealed_event WHERE place >= :start AND place < :stop ORDER BY place"
        for place, box in run(connection, query, {"start": start, "stop": stop}):
            yield self._vault.open(typed(bytes, box, "sealed_event", place, "box"), b"event %d" % place)

    def mention_rows(self, connection: Connection, code: str, *, changed: bool = True) -> Iterator[tuple[int, int]]:
        """Yield place and number of each row of `mentions`, in no order."""
        token = self._vault.token("mention", code)
        query = f"SELECT number, box FROM sealed_mention WHERE token = :token{'' if changed else ' AND number < 0'}"
        for number, box in run(connection, query, {"token": token}):
            row = ("sealed_mention", (token, number))
            place = self._vault.open(typed(bytes, box, *row, "box"), token)
            yield int.from_bytes(place), typed(int, number, *row, "number")


_SEALED_THING = (
    "INSERT INTO sealed_thing VALUES (:token, :heap, :version, :box) ON CONFLICT (token) DO UPDATE SET "
    "heap = excluded.heap, version = excluded.version, box = excluded.box"
)
