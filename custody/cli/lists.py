"""Randomisation lists: drawn into a file, loaded from one by the statistician, shown again at the end; its sheets.

A file that holds arms is secret: it is a new one, and 0600. Between loading and unsealing no command writes a place of
a list but onto the sealed emergency sheets.
"""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, add_place, opened, protocol_file, settings
from custody.cli.people import PASSWORDS, signed_in, submit
from custody.cli.saying import progress, say

if TYPE_CHECKING:
    from custody.chain.protocol import Protocol
    from custody.chain.things import Stratum
    from custody.record.door import Door


BLOCKS = "sizes of its blocks, as 4,6: a secret of the list, for who knows them can work out the next arm"


def add(commands: Commands) -> None:
    """Add the family's commands."""
    family = commands.add_parser("randomisation", help="draw randomisation lists, load them, or show them at the end")
    acts = family.add_subparsers(title="what", metavar="WHAT", required=True)
    draw = acts.add_parser("generate", help="draw a list for each intensive care unit, into a file")
    draw.add_argument("--out", required=True, metavar="FILE", help="a new CSV file: site, place, arm")
    draw.add_argument("--blocks", required=True, metavar="SIZES", help=BLOCKS)
    draw.add_argument("--places", type=int, metavar="N", help="places per site (the trial's participants)")
    draw.add_argument("--seed", metavar="TEXT", help="for trying out only: without it the system's randomness")
    draw.add_argument("--protocol", metavar="FILE", help="without it the ledger in use says the trial")
    add_place(draw)
    draw.set_defaults(do=_generate)
    load = acts.add_parser("import", help="load a file's lists into the ledger, sealed", epilog=PASSWORDS)
    load.add_argument("file", metavar="FILE", help="CSV: site, place, arm")
    load.add_argument("--blocks", required=True, metavar="SIZES", help=BLOCKS)
    load.add_argument("--as", dest="actor", required=True, metavar="LOGIN", help="the statistician")
    add_place(load)
    load.set_defaults(do=_import)
    show = acts.add_parser("show", help="write the lists again, when every code is open: `custody unseal`")
    show.add_argument("--as", dest="actor", required=True, metavar="LOGIN", help="the statistician")
    add_place(show)
    show.set_defaults(do=_show)
    sheets = acts.add_parser("sheets", help="print the sealed emergency sheet of every place", epilog=PASSWORDS)
    sheets.add_argument("--as", dest="actor", required=True, metavar="LOGIN", help="the statistician, who signs")
    sheets.add_argument("--out", required=True, metavar="FILE", help="a new PDF file: one A4 page for each place")
    sheets.add_argument("--site", metavar="CODE", help="one site's alone (all that have a list)")
    add_place(sheets)
    sheets.set_defaults(do=_sheets)


def _generate(given: argparse.Namespace) -> int:
    from custody.randomisation import SeededBytes, lists_for, read_sizes, write_csv

    protocol = _protocol(given)
    places = protocol.participants if given.places is None else given.places
    if not 1 <= places <= 100_000:
        message = f"--places: expected 1 to 100000, found {places}"
        raise Wrong(message)
    source = secrets.token_bytes if given.seed is None else SeededBytes(given.seed, "list")
    lists = lists_for(protocol, read_sizes(given.blocks, protocol), places, source)
    _write_secret(Path(given.out), write_csv(lists).encode())
    for site, arms in lists.items():
        say(f"{site}: {len(arms)} places")
    if given.seed is not None:
        say("drawn from a seed: for trying out, not for the trial")
    again = f"custody randomisation import {given.out} --blocks SIZES --as LOGIN"
    say(f"load it with `{again}`, then keep file and sizes from everybody blinded")
    return 0


def _protocol(given: argparse.Namespace) -> Protocol:
    from custody import protocols

    if given.protocol:
        return protocols.load(protocol_file(given.protocol))
    with opened(settings(given)) as door:
        return door.protocol


def _write_secret(path: Path, data: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as wrong:
        message = f"{path} is there already: a list is never overwritten"
        raise Refused(message) from wrong
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(data)
    except OSError as wrong:
        path.unlink()  # half a list would be loaded as a whole one
        message = f"{path} cannot be written: {wrong.strerror}"
        raise Wrong(message) from wrong


def _import(given: argparse.Namespace) -> int:
    from custody.chain.administration import LoadRandomisation
    from custody.randomisation import read_csv, read_sizes

    path = Path(given.file)
    data = path.read_bytes()
    with opened(settings(given)) as door:
        sizes = read_sizes(given.blocks, door.protocol)
        lists = read_csv(data, path.name, door.protocol, sizes)
        actor = signed_in(door, given.actor)
        _refuse_loaded(door, lists)
        for site, arms in lists.items():
            submit(door, actor, LoadRandomisation(site=site, arms=arms, blocks=tuple(map(str, sizes))))
            say(f"{site}: {len(arms)} places loaded, sealed")
        missing = [site.code for site in door.protocol.sites if site.kind == "icu" and site.code not in lists]
    if missing:
        say(f"no list in this file for {', '.join(missing)}")
    return 0


def _show(given: argparse.Namespace) -> int:
    """Write the lists as they were loaded, in the order of the protocol's sites: as `generate` wrote them."""
    from custody.chain.unsealing import ShowRandomisation
    from custody.randomisation import write_csv

    with opened(settings(given)) as door:
        submit(door, signed_in(door, given.actor), ShowRandomisation())
        loaded = {one.site: one.arms for one in _loaded(door)}
        sites = [site.code for site in door.protocol.sites if site.code in loaded]
        say(write_csv({site: loaded[site] for site in sites}).rstrip("\n"))
    return 0


def _loaded(door: Door, site: str | None = None) -> list[Stratum]:
    """Give the lists on record: of one site, or all."""
    from custody.chain.things import Plane, Stratum

    with door.database.reading(Plane.SEALED) as connection:
        found = [kept.thing for kept in door.stores[Plane.SEALED].find(connection, Stratum.KIND, "loaded")]
    return [thing for thing in found if isinstance(thing, Stratum) and site in {None, thing.site}]


def _refuse_loaded(door: Door, lists: Mapping[str, Sequence[str]]) -> None:
    """Raise `Refused` when a site has its list already, or all lists have too few places: then nothing is loaded."""
    from custody.chain.blocks import too_few

    loaded = {one.site: len(one.arms) for one in _loaded(door)}
    if again := [site for site in lists if site in loaded]:
        message = f"the list of {', '.join(again)} is loaded already: a list is loaded once, nothing was changed"
        raise Refused(message)
    few = too_few(door.protocol, loaded | {site: len(arms) for site, arms in lists.items()})
    if few is not None:
        message = f"expected {door.protocol.participants} places for the trial's participants, found {few} on all lists"
        raise Refused(message)


# --- emergency sheets -------------------------------------------------------------------------


def _sheets(given: argparse.Namespace) -> int:
    """Record the printing, then write the file: no sheet is ever printed without a record."""
    from custody.chain.unblinding import PrintCodeSheets
    from custody.code_sheets import code_sheets

    config, path = settings(given), Path(given.out)
    if path.suffix.lower() != ".pdf" or path.exists():
        message = f"--out: expected a new PDF file, found {path}"
        raise Wrong(message)
    with opened(config) as door:
        actor = signed_in(door, given.actor)
        lists = _loaded(door, given.site)
        if not lists:
            message = f"no randomisation list is loaded{f' for {given.site}' if given.site else ''}"
            raise Refused(message)
        with progress("drawing", sum(len(one.sheets) for one in lists)) as drawn:
            data = code_sheets(door.protocol, lists, config.base_url, drawn)
        for one in lists:
            submit(door, actor, PrintCodeSheets(site=one.site), PrintCodeSheets.SPEC.signed)
    _write_secret(path, data)
    for one in lists:
        say(f"{one.site}: {len(one.sheets)} sheets")
    say(f"print {path} on one side, fold and close each sheet as it says, then delete the file")
    return 0
