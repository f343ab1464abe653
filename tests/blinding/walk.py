"""One random run: many steps by everybody, compared after each, and swept over at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from custody import codes
from custody.chain.roles import BENCH, Role
from custody.chain.step import STEPS
from custody.chain.things import Person, Plane, Thing
from custody.randomisation import SeededBytes, shuffled
from tests.blinding import bench, commands
from tests.blinding.ground import ARMS, PASSWORD, PLACES, Ground
from tests.blinding.twins import Twins, begun
from tests.blinding.views import NOBODY, Views
from tests.blinding.ward import BLINDED, Hand, Ward
from tests.web.house import HIDDEN

COMMANDS = 5
"""After every fifth run the command line is tried: it takes as long as all else."""
LOOKS = 3
"""Addresses that are looked at after each step."""
ALL_FORMS = 10
"""In every tenth sweep all steps' downtime forms are set as one: a quarter of a run's time, and no state in it."""


@dataclass(frozen=True)
class Ran:
    """What a run compared."""

    seed: int
    steps: int
    done: int
    released: int
    broken: int
    """Codes that were broken in an emergency."""
    commands: int
    """Commands that were given on the command line."""
    responses: int
    bytes: int
    routes: frozenset[str]
    roles: frozenset[str]


def two_lists(seed: int, sites: Sequence[str]) -> list[dict[str, tuple[str, ...]]]:
    """Draw two lists of as many places for each site: any two for an even seed, opposite ones for an odd seed."""
    random_bytes = SeededBytes(seed, "two lists")
    one, other = ({site: tuple(shuffled(ARMS * (PLACES // 2), random_bytes)) for site in sites} for _ in range(2))
    if seed % 2 or one == other:
        other = {site: tuple(ARMS[1 - ARMS.index(arm)] for arm in arms) for site, arms in one.items()}
    return [one, other]


def walk(ground: Ground, seed: int, steps: int) -> Ran:
    """Run; raise `Difference` at the first thing that tells the arms apart."""
    chance = Random(seed)
    sites = ["NAN", "DIJ", "STR"]
    with begun(ground, two_lists(seed, sites), seed) as twins:
        one = Walk(twins, chance)
        for _ in range(steps):
            one.step()
        one.sweep()
        commanded = 0 if seed % COMMANDS else commands.said(twins, chance, one.codes(), one.bags())
        return Ran(
            seed,
            steps,
            one.done,
            one.released,
            one.broken,
            commanded,
            twins.responses,
            twins.bytes,
            frozenset(twins.routes),
            frozenset(twins.roles),
        )


class Walk:
    """Both copies on their way."""

    def __init__(self, twins: Twins, chance: Random) -> None:
        self.twins = twins
        self.chance = chance
        self.ward = Ward(chance, twins.ground.cast, twins.pair[0].door.protocol)
        self.done = self.released = self.broken = 0
        self.events: list[str] = []
        self.people = [one.login for one in twins.ground.cast.people if one.role in BLINDED]

    # --- one step

    def step(self) -> None:
        """Let something happen, here or there; then compare."""
        things = self.twins.pair[0].things()
        self._act(things)
        if self.chance.random() < 0.4:
            orders = [thing.code for thing in things if thing.KIND == "treatment_bag" and thing.status == "ordered"]
            self.twins.each(lambda twin: bench.anything(twin, orders))
        self.twins.compare_open()
        self.look(LOOKS)

    def _act(self, things) -> None:
        kind = self.chance.random()
        ordered = [thing for thing in things if thing.KIND == "treatment_bag" and thing.status == "ordered"]
        if ordered and kind < 0.25:
            self._release(self.chance.choice(ordered).code)
        elif kind < 0.75:
            self._do(self.ward.next(things, self.twins.now))
        elif kind < 0.85:
            self._do(self.ward.wrong(self.codes(), self.twins.now))
        elif kind < 0.89:
            self._do(self.ward.correction() or self.ward.deviation(self.codes()))
        elif kind < 0.93:
            self._break_code(things)
        else:
            self.twins.wait(minutes=self.chance.choice([0, 1, 5, 15, 15, 60, 600]))

    def _release(self, bag: str) -> None:
        """Have both benches finish, and release in both at the same moment: all that anybody sees of them."""
        login = self.twins.ground.cast.one(Role.RESPONSIBLE_PERSON).login
        for _pause in bench.preparing(self.twins, bag):
            if self.chance.random() < 0.3:
                self._do(self.ward.wrong(self.codes(), self.twins.now))
        prepared = bench.covered(self.twins, bag)
        if prepared and self.chance.random() < 0.3:  # too early in both
            self._do(Hand(login, "release_for_dispatch", bag))
        bench.wait_for_hold(self.twins, bag)
        if prepared:
            self.released += self._do(Hand(login, "release_for_dispatch", bag))

    def _do(self, hand: Hand) -> bool:
        """Open a step's form in both copies, fill it in, send it."""
        page = self.twins.both(hand.login, "GET", hand.path)
        hidden = dict(HIDDEN.findall(page.body.decode())) if page.status == 200 else {"event": self._event()}
        key = STEPS[hand.step].SPEC.key
        sent = {**({key: hand.code} if hand.code and key else {}), **hidden, **hand.fields, "password": PASSWORD}
        if hand.second:
            sent |= {"second_badge": hand.second, "second_password": PASSWORD}
        sent.pop("csrf_token", None)
        answer = self.twins.both(hand.login, "POST", hand.path.partition("?")[0], data=sent)
        if answer.status == 303:
            self.done += 1
            self.events.append(str(sent["event"]))
            who = next(one for one in self.twins.ground.cast.people if one.login == hand.login)
            if who.role in BLINDED and hand.step != "correct":
                self.ward.done.append((who, hand.step, str(sent["event"])))
        self.twins.compare_open()
        return answer.status == 303

    def _break_code(self, things: list[Thing]) -> None:
        """Tell one investigator one arm; everybody else, and all other pages of theirs, stay as they were."""
        hand = self.ward.code_break(things)
        if hand and self._do(hand):
            self.broken += 1
            path = f"/s/{hand.code}/told/{self.events[-1]}"
            self._told(hand.login, path)
            for login in (hand.login, self._one_of(Role.INVESTIGATOR), self.chance.choice(self.people)):
                self.twins.both(login, "GET", path)
                self.twins.both(login, "POST", path, data={"password": PASSWORD})
                if login == hand.login:
                    self._told(login, path)
                else:
                    self.twins.both(login, "GET", path)

    def _told(self, login: str, path: str) -> None:
        """Show the answer to a code break to who broke it: this once it is not compared."""
        self.twins.told.add((login, path))
        self.twins.both(login, "GET", path)
        self.twins.told.discard((login, path))

    def _event(self) -> str:
        return str(UUID(bytes=self.chance.randbytes(16), version=4))

    # --- looking

    def codes(self) -> list[str]:
        """Give every code of the open plane, some that are sealed in one copy or both, and some that nobody knows."""
        known = [thing.code for thing in self.twins.pair[0].things() if thing.KIND != "trial"]
        return [
            *known,
            *self.sealed(),
            self.ward.mint(codes.Kind.CRYOBAG),
            self.ward.mint(codes.Kind.TREATMENT_BAG),
            "TX",
        ]

    def sealed(self) -> list[str]:
        """Give some codes of the sealed plane: of one copy, of the other, of both."""
        one, other = (
            {thing.code for thing in twin.things(Plane.SEALED) if thing.KIND in SEALED} for twin in self.twins.pair
        )
        return [*self._few(one - other), *self._few(other - one), *self._few(one & other)]

    def _histories(self) -> list[str]:
        """Give whose histories are looked at: who works at the bench, and participants, some of each."""
        things = self.twins.pair[0].things()
        at_bench = {thing.code for thing in things if isinstance(thing, Person) and thing.role in BENCH}
        return [*self._few(at_bench), *self._few({thing.code for thing in things if thing.KIND == "participant"})]

    def bags(self) -> list[str]:
        return [thing.code for thing in self.twins.pair[0].things() if thing.KIND == "treatment_bag"]

    def _few(self, codes: set[str]) -> list[str]:
        return self.chance.sample(sorted(codes), min(4, len(codes)))

    def look(self, count: int) -> None:
        """Look at so many addresses, as one or another of the blinded."""
        near = [thing.code for thing in self.twins.pair[0].things() if thing.KIND in NEAR]
        views = Views(self.twins, self.chance, self.codes(), near, self.events)
        for _ in range(count):
            views.compare(self.chance.choice([*self.people, NOBODY]), views.draw())

    def sweep(self) -> None:
        """Look at every route as somebody of each role, at drawings and PDFs as one of them, while the bench works."""
        self._order_another()
        orders = [
            thing.code
            for thing in self.twins.pair[0].things()
            if thing.KIND == "treatment_bag" and thing.status == "ordered"
        ]
        for bag in orders:
            self.twins.each(lambda twin, bag=bag: bench.some_phases(twin, bag))
        near = [*orders * 3, *(thing.code for thing in self.twins.pair[0].things() if thing.KIND in NEAREST)]
        views = Views(self.twins, self.chance, self.codes(), near, self.events)
        logins = [self._one_of(role) for role in sorted(BLINDED)]
        for login in [*logins, NOBODY]:
            told = [*(views.page(bag) for bag in orders[:2]), *map(views.history, self._histories())]
            for view in [*views.each(dear=False), *told]:
                views.compare(login, view)
        for bag in orders[:2]:
            for login in self._at_its_site(bag):
                views.compare(login, views.page(bag))
        for code in self.sealed():
            views.compare(self.chance.choice(logins), views.scan(code))
        all_forms = self.chance.randrange(ALL_FORMS) == 0
        for view in views.each(dear=True):
            if all_forms or view.endpoint != "downtime.every":
                views.compare(self.chance.choice(logins), view)
        self.twins.compare_open()

    def _at_its_site(self, bag: str) -> list[str]:
        """Give a nurse and an investigator of the ward that waits for a bag: they are offered what others are not."""
        site = next(thing.site for thing in self.twins.pair[0].things() if thing.code == bag)
        return [self.twins.ground.cast.one(role, site).login for role in (Role.ICU_NURSE, Role.INVESTIGATOR)]

    def _order_another(self) -> None:
        """Have the bench at work on something, where the trial's week is open."""
        hand = self.ward.enrolment(self.twins.now)
        if self._do(hand):
            self._do(Hand(hand.login, "order", hand.code))

    def _one_of(self, role: Role) -> str:
        return self.chance.choice([one.login for one in self.twins.ground.cast.people if one.role == role])


SEALED = {"lot", "cryobag", "location", "albumin_vial", "sealed_deviation"}
"""Kinds whose codes somebody blinded might see on a label, and scan."""
NEAREST = {"participant", "treatment_bag"}
NEAR = {"participant", "treatment_bag", "shipper", "deviation", "handoff"}
