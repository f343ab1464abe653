"""Leaks, planted in the product's own code: one or more for each channel by which an arm can get out.

Each is what somebody might write in good faith: a count, a sort, a column, a log line. It is a patch of the running
product, for the test alone; the product has no switch for it. The proof has to find every one of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

from flask import Flask, Response, abort, current_app, g, has_request_context, request, session

from custody import codes, printing, trace
from custody.chain.labels import Print
from custody.chain.ordering import Order
from custody.chain.refusals import Reason, refuse
from custody.chain.release import ReleaseForDispatch
from custody.chain.roles import Role, sees_arm
from custody.chain.step import Recorded
from custody.chain.things import (
    Allocation,
    Cryobag,
    Participant,
    Plane,
    Preparation,
    SealedPrinting,
    Stratum,
    allocation_code,
    preparation_code,
    sealed_printing_code,
    stratum_code,
)
from custody.export import ledger as export
from custody.ledger.entry import decode
from custody.record.door import Door
from custody.record.work import Work
from custody.web import history, labels, ledger, metrics, offers, readings, scan, showing, step, thing, worklist
from custody.web.worklist import progress, waiting, ward
from custody.web.worklist.card import Section, bag_item
from tests.blinding import twins


@dataclass(frozen=True)
class Leak:
    """One leak: by which channel, what it is, and how it is planted."""

    name: str
    channel: str
    what: str
    plant: Callable[[], AbstractContextManager[object]]


LEAKS: dict[str, Leak] = {}


def leak(channel: str) -> Callable[[Callable[[], AbstractContextManager[object]]], Any]:
    """Register a leak; its docstring says what it is."""

    def register(plant: Callable[[], AbstractContextManager[object]]) -> Any:
        LEAKS[plant.__name__] = Leak(plant.__name__, channel, (plant.__doc__ or "").strip(), plant)
        return plant

    return register


@contextmanager
def planted(one: Leak) -> Iterator[None]:
    """Plant a leak in both copies, whose pages are put together anew."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(twins._apps, clear=True))
        stack.enter_context(one.plant())
        yield


# --- what a leak knows ------------------------------------------------------------------------


def around(owner: Any, name: str, leaking: Callable[..., Any]) -> AbstractContextManager[object]:
    """Put a function around another: it is given the real one first."""
    real = getattr(owner, name)
    return mock.patch.object(owner, name, lambda *given, **named: leaking(real, *given, **named))


def door() -> Door:
    return current_app.extensions["door"]


def sealed(kind: type, code: str) -> Any:
    """Give a sealed thing, whoever asks: what no page may do."""
    with door().database.reading(Plane.SEALED) as connection:
        kept = door().stores[Plane.SEALED].thing(connection, code)
    return kept.thing if kept and isinstance(kept.thing, kind) else None


def bench(code: str) -> Preparation | None:
    return sealed(Preparation, preparation_code(code))


def treated(code: str) -> bool:
    """Say whether a code is of a bag, or of a participant, with cells."""
    found = bench(code) or sealed(Allocation, allocation_code(code))
    return found is not None and found.arm == "MSC"


def asked_for_cells() -> bool:
    """Say whether the request is about a bag or a participant with cells."""
    return treated((request.view_args or {}).get("code", ""))


def blinded() -> bool:
    return g.get("person") is None or not sees_arm(g.person.role)


def wired(wire: Callable[[Flask], None]) -> AbstractContextManager[object]:
    """Put something into the pages when they are put together."""

    def made(real: Any, *given: Any) -> Flask:
        app = real(*given)
        wire(app)
        return app

    return around(twins, "create_app", made)


def answered(change: Callable[[Response], None]) -> AbstractContextManager[object]:
    """Change every response."""

    def after(response: Response) -> Response:
        change(response)
        return response

    return wired(lambda app: app.after_request(after))


def opened(command: type, facts: Callable[[Any, Any, Recorded], dict[str, object]]) -> AbstractContextManager[object]:
    """Put more facts into the open half of a step's record."""

    def record(real: Any, self: Any, scene: Any) -> Recorded:
        recorded = real(self, scene)
        told = {**recorded.open.payload, **facts(self, scene, recorded)}
        return replace(recorded, open=replace(recorded.open, payload=told))

    return around(command, "record", record)


# --- audit rows and columns -------------------------------------------------------------------


@leak("audit rows")
def bench_refusals_are_open():
    """What the bench is refused stands in the open log."""
    return around(Work, "_refuse", lambda real, self, asked, plane, *rest: real(self, asked, Plane.OPEN, *rest))


@leak("audit rows")
def bench_steps_leave_an_empty_row():
    """Each step of the bench leaves an open row that says nothing."""
    return around(Work, "_append", _mirrored(lambda entry: True))


@leak("release and deviation")
def bench_deviations_leave_an_empty_row():
    """A deviation of the bench leaves an open row that says nothing."""
    return around(Work, "_append", _mirrored(lambda entry: entry["step"] == "raise_bench_deviation"))


def _mirrored(which: Callable[[dict[str, Any]], bool]) -> Callable[..., None]:
    def append(real: Any, self: Work, event: str, entries: dict[Plane, dict[str, Any]]) -> None:
        half = entries.get(Plane.SEALED)
        if half and Plane.OPEN not in entries and which(half):
            empty = {
                "type": "step_refused",
                "step": "correct",
                "things": {},
                "about": [],
                "payload": {"fields": {}, "reasons": []},
            }
            entries = {**entries, Plane.OPEN: {**half, **empty, "salt": "", "event": event}}
        real(self, event, entries)

    return append


@leak("audit columns")
def order_tells_the_dose():
    """The order's open record has the prescribed dose."""
    return opened(Order, lambda step, scene, made: {"prescribed_cells": made.sealed.payload["prescribed_cells"]})


@leak("dose field present or absent")
def order_has_a_dose_field():
    """The order's open record has a field for the dose, empty, where there is one."""
    return opened(Order, lambda step, scene, made: {"dose": ""} if made.sealed.payload["prescribed_cells"] else {})


@leak("audit columns")
def release_tells_the_cryobags():
    """The release says how many cryobags were used."""
    return opened(ReleaseForDispatch, lambda step, scene, made: {"bags": len(_prepared(step, scene).cryobags)})


@leak("audit columns")
def release_names_who_counted():
    """The release names one person more where there was something to count."""

    def more(step, scene, made):
        people = _prepared(step, scene).preparers
        return {"people": [*people, people[0]] if _prepared(step, scene).prescribed_cells else [*people]}

    return opened(ReleaseForDispatch, more)


def _prepared(step: ReleaseForDispatch, scene: Any) -> Preparation:
    return scene.need(Preparation, preparation_code(step.treatment_bag))


@leak("audit columns")
def the_commitment_is_opened():
    """The open record holds what it commits to."""

    def link(real, self, recorded):
        made = real(self, recorded)
        return made | {
            Plane.OPEN: made[Plane.OPEN] | ({"commits": made[Plane.SEALED]["commits"]} if made[Plane.OPEN] else {})
        }

    return around(Work, "_commitment", link)


@leak("audit columns")
def the_commitment_has_no_salt():
    """The commitment's salt is always the same, so that whoever tries both arms knows."""
    return around(Work, "_commitment", _unsalted)


def _unsalted(real: Any, self: Work, recorded: Recorded) -> Any:
    world = replace(self._world, random_bytes=bytes)
    with mock.patch.object(self, "_world", world):
        return real(self, recorded)


# --- numbers and identifiers ------------------------------------------------------------------


@leak("sequence numbers")
def open_time_follows_the_sealed_log():
    """Ledger time never goes back, in both logs together."""

    def times(real, self, asked):
        now = max(real(self, asked).values())
        return dict.fromkeys(Plane, now)

    return around(Work, "_times", times)


@leak("tree size")
def readiness_counts_the_entries():
    """/readyz says how many entries both logs have."""

    def wire(app):
        real = app.view_functions["health.ready"]
        app.view_functions["health.ready"] = lambda: (real(), 200, {"X-Entries": str(_sealed_size())})

    return wired(wire)


def _sealed_size() -> int:
    with door().database.reading(Plane.SEALED) as connection:
        return door().stores[Plane.SEALED].size(connection)


@leak("monitoring")
def both_logs_are_monitored():
    """/metrics says how many entries the sealed log has."""

    def collect(real, self):
        yield from real(self)
        yield metrics._gauge("sealed_log_entries", "Entries of the sealed log.", _sealed_size())

    return around(metrics._Figures, "collect", collect)


@leak("monitoring")
def every_answer_is_counted():
    """/metrics counts what anybody was answered, the bench too."""
    return mock.patch.object(metrics, "sees_arm", return_value=False)


@leak("auto-increment")
def versions_count_both_halves():
    """An open page asks for changes by the version of both halves of a bag."""

    def versions(real, code):
        kept = bench(code)
        return real(code) + (f".{kept.status}" if kept and blinded() else "")

    return around(thing, "versions", versions)


@leak("identifiers")
def the_code_follows_from_the_arm():
    """The treatment code is drawn after something that only one arm needs."""

    def record(real, self, scene):
        if _next_arm(self, scene) == "MSC":
            scene.mint(codes.Kind.TREATMENT_BAG)
        return real(self, scene)

    return around(Order, "record", record)


def _next_arm(step: Order, scene: Any) -> str:
    kept = scene.get(Allocation, allocation_code(step.participant))
    stratum = scene.get(Stratum, stratum_code(scene.actor.site))
    return kept.arm if kept else stratum.arms[stratum.taken] if stratum and stratum.taken < len(stratum.arms) else ""


# --- times ------------------------------------------------------------------------------------


@leak("timestamps")
def ready_later_with_cells():
    """Thawing takes time: with cells the bag is ready ten minutes later."""

    def later(step, scene, made):
        more = timedelta(minutes=10 if made.sealed.payload["arm"] == "MSC" else 0)
        return {"ready_at": (datetime.fromisoformat(made.open.payload["ready_at"]) + more).isoformat()}

    return opened(Order, later)


@leak("durations")
def release_tells_when_it_was_diluted():
    """The release's open record says when the dilution ended."""
    return opened(
        ReleaseForDispatch, lambda step, scene, made: {"diluted": _prepared(step, scene).dilution_ended_at.isoformat()}
    )


@leak("durations")
def no_hold_without_cells():
    """A bag without cells may be released as soon as it is covered."""

    def check(real, self, scene):
        free = not _prepared(self, scene).prescribed_cells
        return [one for one in real(self, scene) if not (free and one.reason is Reason.HOLD)]

    return around(ReleaseForDispatch, "check", check)


# --- stock ------------------------------------------------------------------------------------


@leak("out of stock")
def no_order_without_stock():
    """An order is refused where it needs cells and some are taken."""

    def check(real, self, scene):
        yield from real(self, scene)
        if _next_arm(self, scene) == "MSC" and len(scene.find(Cryobag, "stored")) < 48:
            yield refuse(Reason.NO_PLACE)

    return around(Order, "check", check)


@leak("stock")
def home_counts_the_stock():
    """Everybody's front page says how many cryobags there are."""

    def sections(real):
        with door().database.reading(Plane.SEALED) as connection:
            stored = len(door().stores[Plane.SEALED].find(connection, "cryobag", "stored"))
        return [*real(), Section(f"{stored}", (), "")]

    return around(worklist, "sections", sections)


# --- lot, expiry, donor, storage --------------------------------------------------------------


@leak("lot")
def history_goes_back_to_the_lot():
    """A bag's history goes back to its lot, for everybody."""

    def origins(real, sight, code):
        kept = bench(code) if blinded() else None
        cryobags = (sealed(Cryobag, one) for one in (kept.cryobags if kept else ()))
        return [*real(sight, code), *(trace.Link(2, "lot", one.lot, "released", one.code) for one in cryobags if one)]

    return around(trace, "origins", origins)


@leak("history")
def a_participants_history_has_the_bench():
    """A participant's history has one line more for each cryobag of their bags."""

    def entries(real, code, things):
        found = list(real(code, things))
        bags = [bag for one in things if isinstance(one, Participant) for bag in one.treatment_bags]
        reserved = sum(len(kept.cryobags) for bag in bags if (kept := bench(bag)))
        return [*found, *found[:1] * reserved] if blinded() else found

    return around(history.belonging, "entries", entries)


@leak("a colleague's records")
def a_badge_tells_of_the_bench():
    """What somebody did is told with the number of the bench's records that they made, to those who oversee."""

    def of(real, one):
        found = real(one)
        if not found or not blinded():
            return found
        with door().database.reading(Plane.SEALED) as connection:
            everything = trace.records(trace.Sight(connection, door().stores), one.code)
        return [*found, *found[:1] * sum(each.plane is Plane.SEALED for each in everything)]

    return around(history.records, "of", of)


@leak("two participants on one lot")
def bags_of_one_lot_stand_together():
    """A bag's page says how many others came from its lot."""

    def facts(real, self, item):
        kept = bench(item.code)
        lots = [one.lot for code in (kept.cryobags if kept else ()) if (one := sealed(Cryobag, code))]
        return [*real(self, item), *(showing.Shown("Lot", str(len(set(lots)))) for _ in lots[:1])]

    return around(showing.Showing, "facts", facts)


@leak("expiry")
def the_label_expires_with_the_dilution():
    """The label's expiry follows from the end of the dilution."""
    return _label(
        lambda fields, kept: fields | ({"expiry": f"{kept.dilution_ended_at:%H:%M}"} if kept.dilution_ended_at else {})
    )


@leak("storage temperature")
def the_label_has_another_storage():
    """Where there are cells the label says so by its storage."""
    return _label(lambda fields, kept: fields | ({"storage": "frozen before"} if kept.prescribed_cells else {}))


@leak("label text length")
def the_label_has_a_longer_text():
    """Where there are cells a text of the label is a little longer."""
    return _label(lambda fields, kept: fields | ({"trial": fields["trial"] + " ."} if kept.prescribed_cells else {}))


def _label(change: Callable[[dict[str, str], Preparation], dict[str, str]]) -> AbstractContextManager[object]:
    real = printing._FIELDS["treatment_bag"]

    def fields(printer: Any, bag: Any) -> dict[str, str]:
        kept = bench(bag.code)
        return change(real(printer, bag), kept) if kept else real(printer, bag)

    return mock.patch.dict(printing._FIELDS, {"treatment_bag": fields})


@leak("print order")
def labels_come_as_they_were_prepared():
    """The set of labels stands in the order in which the bench prepared them."""

    def order(real, group):
        return sorted(real(group), key=treated)

    return around(labels, "codes_of", order)


@leak("reprint count")
def labels_of_what_is_prepared_are_counted():
    """The set leaves out what is labelled already."""

    def prepared(real, group):
        done = {"reserved", "diluted", "covered"}
        return [code for code in real(group) if not ((kept := bench(code)) and kept.status in done)]

    return around(labels, "codes_of", prepared)


@leak("reprint count")
def a_print_of_the_bench_is_asked_a_reason_for_at_the_ward():
    """Whoever prints a bag's label is asked why again, once the bench has printed it."""

    def printed(real, self, scene, code):
        known = has_request_context() and blinded() and sealed(SealedPrinting, sealed_printing_code(code))
        return real(self, scene, code) or bool(known)

    return around(Print, "printed", printed)


@leak("template")
def another_template_with_cells():
    """The page of a bag with cells is made by another template: it differs in white space."""

    def render(real, template, **values):
        return real(template, **values) + ("\n" if treated(values.get("code", "")) else "")

    return around(thing, "render_template", render)


# --- HTTP -------------------------------------------------------------------------------------


@leak("HTTP status")
def forbidden_is_not_unknown():
    """A sealed code is forbidden, an unknown one not found."""

    def read(real, text):
        scanned = real(text)
        if blinded() and sealed(object, scanned.code):
            abort(403)
        return scanned

    return around(thing, "read_or_404", read)


@leak("error text")
def a_scan_knows_the_sealed_plane():
    """A scan says of a sealed code that it is the wrong thing, and of an unknown one that it is unknown."""
    return around(scan, "_known", lambda real, scanned: real(scanned) or sealed(object, scanned.code))


@leak("error text")
def a_refusal_says_more():
    """A refusal of the ward has one reason more where the bench has begun."""

    def record(real, self, asked, plane, refusals, shared):
        if plane is Plane.OPEN and self._draft.find(Preparation, "reserved"):
            refusals = (*refusals, refuse(Reason.NO_PLACE))
        return real(self, asked, plane, refusals, shared)

    return around(Work, "_refuse", record)


@leak("ETag")
def the_etag_is_of_both_logs():
    """Responses have an ETag of the whole ledger."""
    return answered(lambda response: response.headers.set("ETag", f'"{_sealed_size()}"'))


@leak("Content-Length")
def pages_are_padded():
    """A page of a bag with cells has a byte more."""

    def pad(response):
        if response.mimetype == "text/html" and asked_for_cells():
            response.set_data(response.get_data() + b" ")

    return answered(pad)


@leak("cache headers")
def pages_are_kept_longer():
    """A page of a bag with cells may be kept."""
    return answered(lambda response: response.headers.set("Cache-Control", "no-cache") if asked_for_cells() else None)


@leak("compression")
def pages_are_compressed():
    """A page is marked as compressible where it has more to say."""
    return answered(lambda response: response.headers.set("Vary", "Accept-Encoding") if asked_for_cells() else None)


@leak("cookies")
def the_session_counts():
    """The session remembers how many records there were."""

    def wire(app):
        app.before_request(lambda: session.__setitem__("seen", _sealed_size()))

    return wired(wire)


@leak("response headers")
def server_timing():
    """The server says how much it had to look through."""
    return answered(lambda response: response.headers.set("Server-Timing", f"db;desc={_sealed_size()}"))


@leak("stack traces")
def a_page_breaks_without_cells():
    """A page expects a cryobag where there is none."""

    def visible(real, code):
        found = real(code)
        kept = bench(code)
        if kept and blinded() and not kept.prescribed_cells:
            _ = kept.cryobags[0]
        return found

    return around(thing, "visible", visible)


# --- lists ------------------------------------------------------------------------------------


@leak("who is notified")
def the_ward_hears_when_it_is_covered():
    """The ward's list names an order once it is prepared."""

    def covered(real):
        yield from real()
        ready = [bag for bag in waiting.bags("ordered") if (kept := bench(bag.code)) and kept.status == "covered"]
        if ready:
            yield Section("Soon", [bag_item(bag) for bag in ready], "")

    return mock.patch.dict(worklist._LISTS, {Role.ICU_NURSE: lambda real=ward.lists: covered(real)})


@leak("sort")
def lists_are_sorted_by_the_bench():
    """Orders stand in the order in which the bench has come along."""

    def bags(real, status, site=""):
        return sorted(real(status, site), key=lambda bag: treated(bag.code))

    return around(waiting, "bags", bags)


@leak("filter")
def steps_depend_on_the_bench():
    """An order can be cancelled only until the bench begins: then it is offered no more."""

    def others(real, things):
        begun = any((kept := bench(item.code)) and kept.status != "ordered" for item in things)
        return [spec for spec in real(things) if not (begun and blinded())]

    return around(offers, "others", others)


@leak("aggregate")
def progress_by_arm():
    """The monitor's progress counts those with cells first."""

    def by_arm(real):
        with door().database.reading(Plane.SEALED) as connection:
            arms = [one.thing.arm for one in door().stores[Plane.SEALED].find(connection, "allocation", "allocated")]
        return [replace(bar, infused=arms.count("MSC")) for bar in real()]

    return around(progress, "bars", by_arm)


@leak("release and deviation")
def the_monitor_sees_bench_deviations():
    """The monitor's list counts the bench's open deviations."""

    def listed(real):
        yield from real()
        with door().database.reading(Plane.SEALED) as connection:
            found = door().stores[Plane.SEALED].find(connection, "sealed_deviation", "open")
        yield Section(f"{len(found)}", (), "")

    return mock.patch.dict(worklist._LISTS, {Role.MONITOR: lambda real=progress.lists: listed(real)})


# --- exports and logs -------------------------------------------------------------------------


@leak("exports")
def the_sealed_log_is_served():
    """The sealed log's files are served to everybody: they are encrypted, are they not."""
    return around(ledger, "_plane", lambda real, log: Plane(log) if log in set(Plane) else abort(404))


@leak("command line")
def the_open_export_counts_both_logs():
    """An export of the open log says how many entries the other log has."""

    def exported(real, asked_door, out, *rest, **named):
        sizes = real(asked_door, out, *rest, **named)
        with asked_door.database.reading(Plane.SEALED) as connection:
            size = asked_door.stores[Plane.SEALED].size(connection)
        (out / "sealed.txt").write_text(f"{size}\n")
        return sizes

    return around(export, "export_ledger", exported)


@leak("readings")
def a_reading_says_whether_the_bench_knows_the_code():
    """A scan's record says whether the bench knows the code, to find strangers' labels."""

    def reading(real, role, raw, taken, **more):
        known = bool(taken.code and sealed(object, taken.code))
        return real(role, raw, taken, **{**more, "symbology": f"{more['symbology']}{' known' * known}"})

    return around(readings, "reading", reading)


@leak("server logs")
def each_step_is_logged():
    """The server logs each step by its name."""

    def submit(real, self, asked):
        logging.getLogger("custody").info("step %s", asked.step)
        return real(self, asked)

    return around(Door, "submit", submit)


@leak("server logs")
def the_arm_is_logged():
    """The server logs an allocation, for support."""

    def record(real, self, asked, recorded, frames):
        if recorded.sealed and "arm" in recorded.sealed.payload:
            logging.getLogger("custody").info("allocated %s", recorded.sealed.payload["arm"])
        return real(self, asked, recorded, frames)

    return around(Work, "_record", record)


# --- the code break ---------------------------------------------------------------------------


@leak("code break")
def every_investigator_is_told():
    """The answer to a code break is shown to every investigator, not to the one who broke it alone."""

    def told(real, self, event, actor):
        with self.database.reading(Plane.SEALED) as connection:
            place = self.stores[Plane.SEALED].place_of(connection, event)
            entry = decode(self.stores[Plane.SEALED].entry(connection, place)) if place is not None else None
        return real(self, event, entry["actor"]["person"] if entry else actor)

    return around(Door, "told", told)


@leak("code break")
def the_address_tells_the_arm():
    """The answer to a code break is under an address that holds the arm."""

    def done(real, command, code, answer):
        response = real(command, code, answer)
        if answer.told:
            response.headers["Location"] += f"?arm={answer.told['arm']}"
        return response

    return around(step, "_done", done)
