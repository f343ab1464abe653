"""The limit of a confirmed scan over HTTP: a Flask route that validates, chains and commits one row, and no more.

Callers that wait share a commit, as at the door: this is what Flask, marshmallow, SHA-256 and SQLite leave to be had.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path

import orjson
from flask import Flask, request
from marshmallow import EXCLUDE, Schema, fields
from werkzeug.wrappers import Response


class Sent(Schema):
    """One scan."""

    class Meta:
        """The form's other fields are not looked at."""

        unknown = EXCLUDE

    event = fields.UUID(required=True)
    treatment_bag = fields.String(required=True)
    due_min = fields.String(required=True)
    heart_rate_bpm = fields.Integer(required=True)
    reaction = fields.String(required=True)


def create_app(folder: Path) -> Flask:
    """Give the bare service."""
    app, schema = Flask("bare"), Sent()
    connection = sqlite3.connect(folder / "bare.db", check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (place INTEGER PRIMARY KEY, event TEXT UNIQUE, data BLOB, hash BLOB)")
    gate, lead = threading.Lock(), threading.Lock()
    queue: list[tuple[str, bytes, threading.Event]] = []
    last = [bytes(32)]

    def commit() -> None:
        with gate:
            batch, queue[:] = queue[:], []
        connection.execute("BEGIN IMMEDIATE")
        for event, data, _done in batch:
            last[0] = hashlib.sha256(last[0] + data).digest()
            connection.execute("INSERT INTO row (event, data, hash) VALUES (?, ?, ?)", (event, data, last[0]))
        connection.execute("COMMIT")
        for _event, _data, done in batch:
            done.set()

    @app.post("/scan")
    def scan() -> Response:
        sent = schema.load(request.form.to_dict())
        done = threading.Event()
        with gate:
            queue.append((str(sent["event"]), orjson.dumps(sent, default=str), done))
        while not done.is_set():
            with lead:
                if not done.is_set():
                    commit()
        return Response("ok", 303)

    return app
