"""Administration (no step number): the trial starts, people come and go, places and lists are entered.

- The door itself (`Role.SYSTEM`) starts the trial and adds the first administrator; nobody can be given that role.
- Who prepares works at the cell therapy unit, who treats works at an intensive care unit.
- Access to what tells the arm is never given by one person alone (`custody.chain.access`).
- A person is never removed, only closed, and not while a treatment bag is in their hands.
- A randomisation list is loaded once for each site, signed by whoever saw counted what is loaded: nothing of it can
  be changed afterwards. The meaning of the signature names no number, for the open half of the record holds it too.
- It is sealed, its block sizes with it; the open plane holds a commitment to all of it, so that it can be shown at the
  end that no place was changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import ClassVar

from custody import codes
from custody.chain.access import AGREES, ANSWERS, GIVES, check_access
from custody.chain.apply import Fact, Lookup, stood, when
from custody.chain.blocks import check_length, check_list, too_few
from custody.chain.field_check import MOST
from custody.chain.fields import choice, scan, text, words, yes
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import BENCH, EVERYBODY, WARD, Role
from custody.chain.scene import Scene
from custody.chain.step import N_, Change, Command, Recorded, Spec, step
from custody.chain.things import (
    SEALED_TRIAL,
    TRIAL,
    Location,
    Person,
    Plane,
    SealedTrial,
    Stratum,
    Thing,
    TreatmentBag,
    Trial,
    stratum_code,
)
from custody.chain.transitions import unfinished_states

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrial(Command):
    """The door opens a new ledger with the protocol that it was given."""

    SPEC = Spec(
        0,
        "start_trial",
        N_("Start the trial"),
        frozenset({Role.SYSTEM}),
        "trial",
        "trial",
        Plane.OPEN,
        both=True,
        creates=True,
    )
    trial: ClassVar[str] = TRIAL
    origin: str = text(N_("Name of the ledger"), fixed=True)

    def record(self, scene: Scene) -> Recorded:
        """Record the protocol in both planes."""
        protocol = scene.protocol
        facts = {
            "origin": self.origin,
            "protocol": protocol.id,
            "protocol_hash": protocol.hash,
            "title": protocol.title.en,
        }
        return Recorded(
            open=Change("trial_started", (TRIAL,), facts),
            sealed=Change("sealed_trial_started", (SEALED_TRIAL,), facts),
        )


@when("trial_started")
def trial_started(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the open half of the trial."""
    p = fact.payload
    yield Trial(
        code=TRIAL,
        status="running",
        protocol=p["protocol"],
        protocol_hash=p["protocol_hash"],
        title=p["title"],
        origin=p["origin"],
    )


@when("sealed_trial_started")
def sealed_trial_started(_: Lookup, __: Fact) -> Iterator[Thing]:
    """Make the sealed half."""
    yield SealedTrial(code=SEALED_TRIAL, status="running")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Command):
    """A person gets a badge, one role and one site, for good: another role is another badge."""

    SPEC = Spec(
        0,
        "add_person",
        N_("Add a person"),
        ADMINISTRATORS | {Role.SYSTEM},
        "person",
        "person",
        Plane.OPEN,
        may_sign=GIVES,
        second=ANSWERS,
        second_meaning=AGREES,
        both=True,
        looks=True,
        creates=True,
        after_lock=True,
    )
    person: str = scan("person", N_("Badge"), required=False, help=N_("Empty: a new one."))
    name: str = text(N_("Name"))
    role: str = choice(N_("Role"), *((role, role) for role in Role if role is not Role.SYSTEM), fixed=True)
    site: str = text(N_("Site"), required=False, fixed=True)
    login: str = text(N_("Sign-in name"), fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a site that is none or not the role's, a sign-in name that is taken, and access given by one alone."""
        yield from check_workplace(self.role, self.site, scene)
        for status in ("active", "closed"):
            if any(person.login == self.login for person in scene.find(Person, status)):
                yield refuse(Reason.LOGIN_TAKEN, login=self.login)
        yield from check_access(scene, self.role)

    def record(self, scene: Scene) -> Recorded:
        """Record the person."""
        badge = self.person or scene.mint(codes.Kind.PERSON)
        facts = {**self.payload(), "person": badge}
        return Recorded(open=Change("person_added", (badge,), facts))


def check_workplace(role: str, code: str, scene: Scene) -> Iterator[Refusal]:
    """Yield when a role cannot work there: bench and ward have each their kind of site, others no ward."""
    kind = "cell_therapy_unit" if role in BENCH else "icu" if role in WARD else ""
    site = scene.protocol.site(code)
    if kind and not code:
        yield refuse(Reason.MISSING, label=N_("Site"))
    elif site is None and code:
        yield refuse(Reason.SITE_UNKNOWN, site=code)
    elif site is not None and site.kind != (kind or "cell_therapy_unit"):
        yield refuse(Reason.WORKPLACE, site=code, role=role)


@when("person_added")
def person_added(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the person."""
    p = fact.payload
    yield Person(code=p["person"], status="active", site=p["site"], name=p["name"], role=p["role"], login=p["login"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePerson(Command):
    """A person leaves: their account is closed, their records stay."""

    SPEC = Spec(
        0, "close_person", N_("Close the account"), ADMINISTRATORS, "person", "person", Plane.OPEN, after_lock=True
    )
    person: str = scan("person", N_("Badge"))
    reason: str = text(N_("Reason"))

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield one's own account, and one whose person still holds a treatment bag."""
        if self.person == scene.actor.code:
            yield refuse(Reason.OWN_ACCOUNT)
        bags = [bag for status in unfinished_states("treatment_bag") for bag in scene.find(TreatmentBag, status)]
        held = sorted(bag.code for bag in bags if bag.custodian == self.person)
        if held:
            yield refuse(Reason.STILL_HOLDS, person=scene.need(Person, self.person).name, codes=", ".join(held))

    def record(self, scene: Scene) -> Recorded:
        """Record that the account is closed."""
        return Recorded(open=self.change(self.person, type="person_closed"))


@when("person_closed")
def person_closed(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Close the account."""
    yield replace(stood(things, Person, fact.payload["person"]), status="closed")


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class GivePassword(Command):
    """A person chooses a new password, or the administrator gives one: that it happened is on record, never what."""

    SPEC = Spec(
        0,
        "give_password",
        N_("Give a password"),
        EVERYBODY | {Role.SYSTEM},
        "person",
        "person",
        Plane.OPEN,
        may_sign=GIVES,
        second=ANSWERS,
        second_meaning=AGREES,
        both=True,
        looks=True,
        after_lock=True,
    )
    person: str = scan("person", N_("Badge"))

    @classmethod
    def offered(cls, thing: Thing, person: Person) -> bool:
        """Return whether it is one's own, or one administers."""
        return person.role == Role.ADMINISTRATOR or thing.code == person.code

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield when it is someone else's, and access given by one alone; one's own is nobody else's business."""
        if self.person == scene.actor.code:
            return
        if scene.actor.role not in ADMINISTRATORS | {Role.SYSTEM}:
            yield refuse(Reason.OTHERS_ACCOUNT)
        yield from check_access(scene, scene.need(Person, self.person).role)

    def record(self, scene: Scene) -> Recorded:
        """Record that the password is another from now on."""
        return Recorded(open=self.change(self.person, type="password_given"))


@when("password_given")
def password_given(things: Lookup, fact: Fact) -> Iterator[Thing]:
    """Leave the person as they are: what they sign in with is kept elsewhere."""
    yield stood(things, Person, fact.payload["person"])


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class AddLocation(Command):
    """A place for one cryobag, in a tank or freezer."""

    SPEC = Spec(
        0,
        "add_location",
        N_("Add a location"),
        BENCH,
        "location",
        "location",
        Plane.SEALED,
        creates=True,
    )
    location: str = scan("location", N_("Location code"), required=False, help=N_("Empty: a new one."))
    name: str = text(N_("Name"))
    temperature_class: str = text(N_("Temperature class"))

    def record(self, scene: Scene) -> Recorded:
        """Record the location."""
        code = self.location or scene.mint(codes.Kind.LOCATION)
        facts = {**self.payload(), "location": code}
        return Recorded(sealed=Change("location_added", (code,), facts))


@when("location_added")
def location_added(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the location, empty."""
    p = fact.payload
    yield Location(
        code=p["location"],
        status="free",
        site=fact.site,
        name=p["name"],
        temperature_class=p["temperature_class"],
    )


@step
@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRandomisation(Command):
    """The statistician loads a site's randomisation list: arms in the order of its places."""

    SPEC = Spec(
        0,
        "load_randomisation",
        N_("Load a randomisation list"),
        frozenset({Role.STATISTICIAN}),
        "stratum",
        "site",
        Plane.SEALED,
        signed=N_("I load the whole randomisation list of this site: places, arms and blocks as counted"),
        both=True,
        creates=True,
    )
    site: str = text(N_("Site"), fixed=True)
    arms: tuple[str, ...] = words(N_("Arms, in their order"))
    blocks: tuple[str, ...] = words(N_("Sizes of its blocks"))
    short: bool = yes(N_("This list is short, and is meant to be"), fixed=True)

    def check(self, scene: Scene) -> Iterator[Refusal]:
        """Yield a site that enrols nobody, arms that the trial does not have, and a list that is not balanced."""
        site = scene.protocol.site(self.site)
        if site is None:
            yield refuse(Reason.SITE_UNKNOWN, site=self.site)
        elif site.kind != "icu":
            yield refuse(Reason.NO_ENROLMENT, site=self.site)
        known = {arm.code for arm in scene.protocol.arms}
        for arm in sorted(set(self.arms) - known)[:MOST]:
            yield refuse(Reason.UNKNOWN_ARM, arm=arm)
        yield from check_list(scene.protocol, self.arms, self.blocks)
        yield from check_length(scene.protocol, self.arms, short=self.short)
        loaded = {stratum.site: len(stratum.arms) for stratum in scene.find(Stratum, "loaded")}
        found = too_few(scene.protocol, loaded | {self.site: len(self.arms)})
        if found is not None:
            yield refuse(Reason.TOO_FEW_PLACES, found=found, expected=scene.protocol.participants)

    def record(self, scene: Scene) -> Recorded:
        """Record the list, sealed, with a code for each place's emergency sheet; the open half commits to the list."""
        sealed = self.change(
            stratum_code(self.site),
            type="randomisation_loaded",
            sha256=list_hash(self.arms),
            sheets=[scene.mint(codes.Kind.CODE_SHEET) for _ in self.arms],
        )
        commits = {"arms": list(self.arms), "site": self.site}
        return Recorded(
            open=Change("randomisation_committed", (), {"site": self.site}, about=(TRIAL,)),
            sealed=replace(sealed, commits=commits),
        )


def list_hash(arms: Iterable[str]) -> str:
    """Return SHA-256 of a list, one arm a line, in hex: as secret as the list, which is short enough to be guessed."""
    return sha256("".join(f"{arm}\n" for arm in arms).encode()).hexdigest()


@when("randomisation_committed")
def randomisation_committed(_: Lookup, __: Fact) -> Iterator[Thing]:
    """Change nothing: what the open plane has is the commitment."""
    yield from ()


@when("randomisation_loaded")
def randomisation_loaded(_: Lookup, fact: Fact) -> Iterator[Thing]:
    """Make the stratum, with no place taken."""
    p = fact.payload
    site, arms, sheets = p["site"], tuple(p["arms"]), tuple(p["sheets"])
    yield Stratum(code=stratum_code(site), status="loaded", site=site, arms=arms, sheets=sheets)
