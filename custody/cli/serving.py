"""Serve a ledger."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import dataclasses
import errno
import os
import resource
import secrets
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from custody.cli.failing import Wrong
from custody.cli.opening import Commands, add_place, opened, settings, warn_of_readers
from custody.cli.saying import say, say_table
from custody.config import Config

if TYPE_CHECKING:
    from flask import Flask

    from custody.record.door import Door

THREADS: Final = 16
"""More than the pages need, so that steps of many people share a commit."""
MOST_CONNECTIONS: Final = 4000
"""A browser keeps six or so open: as long as a server has no more to give, nobody else is answered."""
FILES: Final = 200
"""Files that are open besides: the database's, the readers', our own."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
SECRET_BYTES: Final = 32


def add(commands: Commands) -> None:
    """Add the family's command."""
    run = commands.add_parser("run", help="serve the ledger's pages")
    run.add_argument("--host", help="name or address to listen on (HOST in the environment, else localhost)")
    run.add_argument("--port", type=_port, help="port to listen on (PORT in the environment, else 8000)")
    add_place(run)
    run.set_defaults(do=_run)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text[:6]) < 65536:
        message = f"expected a port from 1 to 65535, found {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _port_of(config: Config) -> int:
    """Read the environment's port; raise `Wrong` for what is none."""
    try:
        return _port(config.port)
    except argparse.ArgumentTypeError as wrong:
        message = f"PORT: {wrong}"
        raise Wrong(message) from wrong


def _run(given: argparse.Namespace) -> int:
    from custody.app import create_app

    config = settings(given)
    host, port = given.host or config.host, given.port or _port_of(config)
    config = for_address(config, host)
    with opened(config) as door:
        app = create_app(door, config, session_key(config.keys))
        server = _listening(app, host, port)
        warn_of_readers(config)
        signal.signal(signal.SIGTERM, _stop)
        _greet(door, host, port)
        server.run()
    return 0


ADVICE: Final = {
    errno.EADDRINUSE: "something listens there already: stop it, or name another --port",
    errno.EACCES: "not permitted: name another --port, 1024 or above",
    errno.EADDRNOTAVAIL: "this machine has no such address: name another --host",
}


def _listening(app: Flask, host: str, port: int) -> Any:
    """Give a server that listens; raise `Wrong` where none can."""
    from waitress.server import create_server  # type: ignore[import-untyped]

    try:
        return create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident="custody",
            connection_limit=_connections(),
            asyncore_use_poll=True,
        )
    except OSError as wrong:
        why = ADVICE.get(wrong.errno or 0) or wrong.strerror or str(wrong)
        message = f"cannot listen on {_address(host, port)}: {why}"
        raise Wrong(message) from wrong
    except ValueError as wrong:  # waitress hides in it what the resolver said
        message = f"--host: expected a name or an address of this machine, found {host!r}"
        raise Wrong(message) from wrong


def _connections() -> int:
    """Give how many connections there may be at once: as many as this process may have files, and no fewer than 100."""
    wanted = MOST_CONNECTIONS + FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        more = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):  # some systems say that there is no limit, and have one
            resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(100, min(wanted, soft) - FILES)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _stop(*_: object) -> None:
    """Stop once: a second signal, from whoever started us, would only cut the end short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def for_address(config: Config, host: str) -> Config:
    """Let cookies travel over plain HTTP where only this machine listens and no proxy is spoken of."""
    if host in LOOPBACK and not os.environ.get("CUSTODY_BASE_URL"):
        return dataclasses.replace(config, secure_cookies=False)
    return config


def session_key(keys: Path) -> bytes:
    """Give the secret that signs session cookies, made at the first start; only its owner may read it."""
    path = keys / "session.key"
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != SECRET_BYTES:
            message = f"{path}: expected {SECRET_BYTES} bytes, found {len(key)}: delete it, and all sign in again"
            raise Wrong(message) from None
        return key
    with os.fdopen(file, "wb") as stream:
        key = secrets.token_bytes(SECRET_BYTES)
        stream.write(key)
    return key


def _greet(door: Door, host: str, port: int) -> None:
    """Say where it is served, and in a demonstration who there is."""
    from custody import demo
    from custody.chain.things import Plane
    from custody.store import identity

    with door.database.reading(Plane.OPEN) as connection:
        origin = identity.read(connection).origin
    if origin == demo.ORIGIN:
        _introduce(door)
    say(f"{door.protocol.short_title} is served at http://{_address(host, port)}  (Ctrl+C stops it)")
    sys.stdout.flush()


def _introduce(door: Door) -> None:
    """Say who can sign in, and what can be scanned that the ledger does not know yet."""
    from custody import demo
    from custody.cli.people import say_logins

    say("THE DEMONSTRATION: all people, codes and values are invented.")
    say_logins(door, demo.logins(door.protocol))
    say(f"  everybody's password: {demo.PASSWORD}")
    say("  a second person signs with their badge, scanned or typed, and their password")
    say()
    now = door.world.clock.now()
    labels = demo.labels_to_try(secrets.token_bytes, now)
    say_table(("labels from outside", "to scan, or to type"), labels, indent="  ")
    say()
    if demo.is_stale(door, now):
        say("  The bags on their way have expired meanwhile: order new ones, or begin anew with another --data.")
        say()
