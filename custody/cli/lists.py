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
    load.add_argument("--as", dest="actor", required=True, metavar="LOGIN", help="the statistician, who signs")
    load.add_argument("--short", default="", metavar="SITES", help="sites whose list is meant to be short, as DIJ,STR")
    load.add_argument("--missing", default="", metavar="SITES", help="sites whose list comes later, as DIJ,STR")
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
    """Say what would be loaded, ask for the password that signs it, and load: all lists of the file, or none."""
    from custody.chain.administration import LoadRandomisation
    from custody.randomisation import read_csv, read_sizes

    path = Path(given.file)
    data = path.read_bytes()
    with opened(settings(given)) as door:
        sizes = read_sizes(given.blocks, door.protocol)
        lists = read_csv(data, path.name, door.protocol, sizes)
        short, missing = (_sites(door, given, option) for option in ("short", "missing"))
        _refuse_short(door, lists, short)
        for site, arms in lists.items():
            say(f"{site}: {_counted(door.protocol, arms, sizes)}")
        say("once loaded, no list can be changed")
        actor = signed_in(door, given.actor, LoadRandomisation)
        _refuse_loaded(door, lists)
        _refuse_missing(door, lists, missing)
        for site, arms in lists.items():
            command = LoadRandomisation(site=site, arms=arms, blocks=tuple(map(str, sizes)), short=site in short)
            submit(door, actor, command, LoadRandomisation.SPEC.signed)
            say(f"{site}: {len(arms)} places loaded, sealed")
    if missing:
        say(f"no list yet for {', '.join(missing)}")
    return 0


def _sites(door: Door, given: argparse.Namespace, option: str) -> list[str]:
    """Read a list of sites; raise `Wrong` for one that enrols nobody."""
    known = [site.code for site in door.protocol.sites if site.kind == "icu"]
    named = [part.strip() for part in getattr(given, option).split(",") if part.strip()]
    if wrong := [part for part in named if part not in known]:
        message = f"--{option}: expected some of {', '.join(known)}, found {wrong[0][:40]!r}"
        raise Wrong(message)
    return named


def _counted(protocol: Protocol, arms: Sequence[str], sizes: Sequence[int]) -> str:
    """Say what a list holds, without the order of its arms."""
    from custody.chain.blocks import division

    blocks = division(arms, protocol.smallest_block, sizes) or ()
    of_each = ", ".join(f"{arms.count(arm.code)} {arm.code}" for arm in protocol.arms)
    of_size = ", ".join(f"{blocks.count(size)} of {size}" for size in dict.fromkeys(sorted(blocks)))
    return f"{len(arms)} places ({of_each}) in {len(blocks)} blocks ({of_size}), the first and the last complete"


def _show(given: argparse.Namespace) -> int:
    """Write the lists as they were loaded, in the order of the protocol's sites: as `generate` wrote them."""
    from custody.chain.unsealing import ShowRandomisation
    from custody.randomisation import write_csv

    with opened(settings(given)) as door:
        submit(door, signed_in(door, given.actor, ShowRandomisation), ShowRandomisation())
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


def _refuse_missing(door: Door, lists: Mapping[str, Sequence[str]], said: Sequence[str]) -> None:
    """Raise `Refused` unless each site has its list, in the file or on record, or is said to get it later."""
    loaded = {one.site for one in _loaded(door)}
    wards = [site.code for site in door.protocol.sites if site.kind == "icu"]
    if lost := [site for site in wards if site not in {*lists, *loaded, *said}]:
        names = ",".join(lost)
        message = f"no list for {', '.join(lost)}: was the file cut? If it comes later, say --missing {names}"
        raise Refused(message)
    if there := [site for site in said if site in {*lists, *loaded}]:
        message = f"--missing: {', '.join(there)} has a list"
        raise Refused(message)


def _refuse_short(door: Door, lists: Mapping[str, Sequence[str]], said: Sequence[str]) -> None:
    """Raise `Refused` for lists shorter than their site's share that are not said to be."""
    from custody.chain.blocks import site_share

    share = site_share(door.protocol)
    if short := [site for site, arms in lists.items() if len(arms) < share and site not in said]:
        counted = ", ".join(f"{site} {len(lists[site])}" for site in short)
        message = (
            f"short: {counted} places, each site's share of the participants is {share}. "
            f"If that is meant, say --short {','.join(short)}"
        )
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
        actor = signed_in(door, given.actor, PrintCodeSheets)
        lists = _loaded(door, given.site)
        if not lists:
            message = f"no randomisation list is loaded{f' for {given.site}' if given.site else ''}"
            raise Refused(message)
        with progress("drawing", sum(len(one.sheets) for one in lists)) as drawn:
            data = code_sheets(door.protocol, lists, config.base_url, door.world.clock.now(), drawn)
        for one in lists:
            submit(door, actor, PrintCodeSheets(site=one.site), PrintCodeSheets.SPEC.signed)
    _write_secret(path, data)
    for one in lists:
        say(f"{one.site}: {len(one.sheets)} sheets")
    say(f"print {path} on one side, fold and close each sheet as it says, then delete the file")
    return 0
