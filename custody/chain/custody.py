"""Custody: after its release exactly one person holds a treatment bag, and only what both or two sign changes who.

A handoff is signed by giver and receiver; what a custodian who is away holds is taken over before a witness.

What the steps on bags and shippers have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from custody.chain.apply import Fact
from custody.chain.fields import sometimes, text
from custody.chain.protocol import Protocol
from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.roles import Role
from custody.chain.scene import Scene
from custody.chain.step import N_, recordable
from custody.chain.things import Handoff, Person, Shipper, Thing, TreatmentBag


def held(thing: Thing, person: Person) -> bool:
    """Return whether a person holds a bag or shipper."""
    return isinstance(thing, TreatmentBag | Shipper) and thing.custodian == person.code


def elsewhere(person: Person, site: str) -> bool:
    """Return whether a person is a nurse of another ward than the one that a bag or shipper is for."""
    return person.role == Role.ICU_NURSE and person.site != site


def check_holder(scene: Scene, code: str, holder: str) -> Iterator[Refusal]:
    """Yield when the person who acts is not the custodian."""
    if holder != scene.actor.code:
        held_by = scene.get(Person, holder)
        yield refuse(Reason.NOT_CUSTODIAN, code=code, holder=held_by.name if held_by else holder)


OTHER = "other"
IN_WORDS = N_("In words")


def in_words() -> Any:
    """Declare the words of a refusal, which another reason than the named ones needs."""
    return sometimes(IN_WORDS, help=N_("Needed for another reason."))


def check_in_words(why: str, words: str) -> Iterator[Refusal]:
    """Yield another reason than the named ones that is left open."""
    if why == OTHER and not words:
        yield refuse(Reason.MISSING, label=IN_WORDS)


def since_refused() -> Any:
    """Declare what changed since somebody refused: asked for then alone."""
    return text(N_("What changed since it was refused"), required=False)


def check_since_refused(scene: Scene, refused: tuple[str, ...], changed: str) -> Iterator[Refusal]:
    """Yield a handoff that is tried again after a refusal, without a word on what changed."""
    if refused and not changed:
        by = scene.get(Person, refused[0])
        yield refuse(Reason.REFUSED_BEFORE, person=by.name if by else refused[0])


def refusal_of(fact: Fact) -> tuple[str, ...]:
    """Return what a thing keeps of a refused handoff."""
    p = fact.payload
    return fact.actor, p["why"], p["words"], recordable(fact.occurred_at)


def signed_handoff(fact: Fact, item: str, *, sound: bool) -> Handoff:
    """Return the handoff that a record speaks of."""
    p = fact.payload
    return Handoff(
        code=p["handoff"],
        status="signed",
        site=fact.site,
        item=item,
        giver=p["giver"],
        receiver=p["receiver"],
        at=fact.occurred_at,
        temperature_dc=p["temperature_dc"],
        sound=sound,
    )


def in_new_hands(bag: TreatmentBag, custodian: str) -> TreatmentBag:
    """Return a bag with another custodian; a bedside check was for the hands that made it."""
    unchecked = "received" if bag.status == "checked" else bag.status
    return replace(bag, custodian=custodian, status=unchecked, checked_at=None)


def check_site(scene: Scene, site: str) -> Iterator[Refusal]:
    """Yield when the person who acts works elsewhere."""
    if scene.actor.site != site:
        yield refuse(Reason.SITE, expected=site, found=scene.actor.site)


def check_second_site(scene: Scene, site: str) -> Iterator[Refusal]:
    """Yield when the second person works elsewhere."""
    second = scene.second
    if second is not None and second.site != site:
        yield refuse(Reason.SECOND_SITE, person=second.name, expected=site, found=second.site)


def check_contents(volume_ul: int, protocol: Protocol) -> Iterator[Refusal]:
    """Yield a volume that no bag holds, tolerance included."""
    maximum = protocol.volume * (1000 + protocol.volume_tolerance) // 1000
    if volume_ul > maximum:
        yield refuse(Reason.GIVEN, found=f"{volume_ul / 1000:g}", maximum=f"{maximum / 1000:g}")


def receiving(scene: Scene) -> Person:
    """Return the second person, whom the fixed conditions made sure of."""
    if scene.second is None:
        message = "second person"
        raise LookupError(message)
    return scene.second
