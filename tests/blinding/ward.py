"""What people do in the open plane, in both copies alike: mostly what comes next, often something wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from custody import codes
from custody.chain.correction import correctable
from custody.chain.protocol import Protocol
from custody.chain.roles import EVERYBODY, Role, sees_arm
from custody.chain.step import STEPS
from custody.chain.take_over import may_stand_in
from custody.chain.things import Person, Plane, Thing
from custody.simulate.cast import Cast

SIGNS = {"heart_rate_bpm": "110", "mean_pressure_mmhg": "68", "spo2_percent": "96", "temperature_dc": "38.2"}
STATED = {"condition_good": "yes", "temperature_dc": "5"}
FIELDS = {
    "cancel_order": {"reason": "died"},
    "hand_over": {"seal_intact": "yes", **STATED},
    "hand_over_bag": {"cover_on": "yes", **STATED},
    "take_over": {"reason": "called away"},
    "take_over_bag": {"reason": "called away"},
    "refuse_handoff": {"why": "seal", "words": "torn"},
    "refuse_bag_handoff": {"why": "wrong", "words": "not ours"},
    "bedside_check": {"cover_on": "yes", "central_line": "yes"},
    "pause_infusion": {"reason": "line"},
    "stop_infusion": {"given_ul": "248", "reason": "complete", "words": "all of it"},
    "return_bag": {"left_ul": "2", "lost_ul": "0"},
    "destroy_bag": {"left_ul": "2", "lost_ul": "0", "reason": "empty"},
    "observe": {"due_min": "0", "reaction": "none", **SIGNS},
    "unpack": {"reason": "seal torn"},
    "close_deviation": {"cause": "haste", "action": "training"},
    "close_person": {"reason": "left"},
}
"""What is entered where, when all goes well; as people type it."""
SELDOM = {
    "cancel_order": 0.05,
    "refuse_handoff": 0.1,
    "refuse_bag_handoff": 0.05,
    "unpack": 0.1,
    "destroy_bag": 0.3,
    "return_bag": 0.3,
    "close_person": 0.02,
    "pause_infusion": 0.3,
    "give_password": 0,
    "hand_over_bag": 0.2,
    "take_over": 0.1,
    "take_over_bag": 0.1,
}
"""How likely a step is taken when it is possible; surely, unless it is named."""


REFUSED_BESIDE = {"refuse_handoff", "refuse_bag_handoff"}
"""Steps that somebody else signs on the page of who holds the thing."""
WITNESSED = {"return_bag", "destroy_bag", "take_over", "take_over_bag"}


@dataclass(frozen=True)
class Hand:
    """One step that somebody is about to do."""

    login: str
    step: str
    code: str = ""
    second: str = ""
    fields: dict[str, object] = field(default_factory=dict)
    query: str = ""

    @property
    def path(self) -> str:
        return f"/s/{self.code}/do/{self.step}" if self.code else f"/do/{self.step}{self.query}"


@dataclass
class Ward:
    """Chooses who does what, from the open plane alone."""

    chance: Random
    cast: Cast
    protocol: Protocol
    done: list[tuple[Person, str, str]] = field(default_factory=list)
    """(who, step, event) of what was done."""

    def mint(self, kind: codes.Kind) -> str:
        return codes.mint(kind, self.chance.randbytes)

    def sites(self) -> list[str]:
        return [site.code for site in self.protocol.sites if site.kind == "icu"]

    # --- what comes next

    def next(self, things: list[Thing], now) -> Hand:
        """Give a step that can be done, for a thing that is on its way; a new participant when there is none."""
        moving = {thing: hand for thing in things if (hand := self._for(thing, things, now))}
        waiting = sum(thing.KIND == "treatment_bag" and thing.status == "ordered" for thing in things)
        if not moving or self.chance.random() < (0.2, 0.05)[waiting > 1]:
            return self.enrolment(now)
        weights = [4 if thing.KIND in {"participant", "treatment_bag"} else 1 for thing in moving]
        return self.chance.choices([*moving.values()], weights)[0]

    def _for(self, thing: Thing, things: list[Thing], now) -> Hand | None:
        free = thing.KIND == "treatment_bag" and thing.status == "released" and not thing.shipper
        if free and self.chance.random() < 0.8:
            return self.packing(thing)
        steps = [
            command.SPEC
            for command in STEPS.values()
            if command.SPEC.thing == thing.KIND
            and command.SPEC.plane is Plane.OPEN
            and command.SPEC.key
            and thing.status in command.SPEC.moves
            and self.chance.random() < SELDOM.get(command.SPEC.name, 1)
        ]
        if not steps or (thing.KIND in {"person", "trial"} and self.chance.random() < 0.98):
            return None
        spec = self.chance.choice(steps)
        return self._hand(spec, thing, things, now)

    def _hand(self, spec, thing, things, now) -> Hand | None:
        if spec.name == "close_person" and self._at_bench(thing.code):  # without whom it would stand still
            return None
        holder = next((one for one in self.cast.people if one.code == getattr(thing, "custodian", "")), None)
        site = getattr(thing, "destination", "") or thing.site
        if holder and spec.name.startswith("take_over"):
            actor = self._stand_in(holder)
        else:
            actor = holder if holder and holder.role in spec.by else self._somebody(spec.by, site)
        if actor is None:
            return None
        second = self._second(spec, actor, site)
        return Hand(actor.login, spec.name, thing.code, second, self._fields(spec.name, thing, now))

    def _stand_in(self, holder: Person) -> Person | None:
        found = [one for one in self.cast.people if may_stand_in(one, holder)]
        return self.chance.choice(found) if found else None

    def _somebody(self, roles, site: str) -> Person | None:
        found = [one for one in self.cast.people if one.role in roles]
        here = [one for one in found if one.site in {"", site}]
        return self.chance.choice(here or found) if found else None

    def _second(self, spec, actor: Person, site: str) -> str:
        if spec.name in REFUSED_BESIDE:
            others = [one for one in self.cast.people if one.role in spec.by and one.site in {"", site, actor.site}]
            return self.chance.choice(others).code
        if not spec.second:
            return ""
        wanted = spec.second
        if spec.name.startswith("hand_over"):
            wanted = {Role.COURIER} if actor.role != Role.COURIER else {Role.ICU_NURSE}
        found = [one for one in self.cast.people if one.role in wanted and one.site in {"", site} and one != actor]
        if spec.name in WITNESSED:
            found = [one for one in found if one.site == actor.site] or found
        return self.chance.choice(found).code if found else ""

    def _fields(self, step: str, thing: Thing, now) -> dict[str, object]:
        fields = dict(FIELDS.get(step, {}))
        if step == "bedside_check":
            fields["wristband"] = thing.participant
        if step == "observe" and thing.started_at:
            waiting = [due for due in self.protocol.observations if due not in thing.observations]
            fields["due_min"] = str((waiting or [0])[0])
        return fields

    def packing(self, bag: Thing) -> Hand:
        packer = next(one for one in self.cast.people if one.code == bag.custodian)
        sealed = {"bags": bag.code, "seal": "0042", "logger": "TL-7", "logger_running": "yes"}
        return Hand(packer.login, "pack", self.mint(codes.Kind.SHIPPER), "", sealed)

    def enrolment(self, now, site: str = "") -> Hand:
        site = site or self.chance.choice(self.sites())
        fields: dict[str, object] = {f"answers.{item.code}": "yes" for item in self.protocol.inclusion}
        fields |= {f"answers.{item.code}": "no" for item in self.protocol.exclusion}
        fields |= {
            "weight_g": str(self.chance.randint(45, 130)),
            "onset_at": (now - timedelta(hours=3)).isoformat(),
            "consent": "relative",
        }
        doctor = self.cast.one(Role.INVESTIGATOR, site)
        return Hand(doctor.login, "enrol", self.mint(codes.Kind.PARTICIPANT), "", fields)

    # --- what is wrong

    def wrong(self, known: list[str], now) -> Hand:
        """Give any step, by anybody blinded, on any code, with anything entered."""
        blinded = [one for one in self.cast.people if one.role in BLINDED]
        step = self.chance.choice(sorted(STEPS))
        fields: dict[str, object] = {**FIELDS.get(step, {}), "treatment_bag": self.chance.choice(known)}
        fields |= {name: self.chance.choice(["", "x", "-1", "1e9", self.chance.choice(known)]) for name in ODD}
        if fields and self.chance.random() < 0.5:
            fields.pop(self.chance.choice(sorted(fields)))
        second = self.chance.choice([*(one.code for one in self.cast.people), "", self.chance.choice(known)])
        code = self.chance.choice(["", *known])
        who = self.chance.choice(blinded)
        if step == "close_person" and who.role in STEPS[step].SPEC.by and self._at_bench(code):
            code = ""  # for it might be right by chance, and the bench would stand still
        return Hand(who.login, step, code, second, fields)

    def _at_bench(self, code: str) -> bool:
        return any(one.code == code and one.role not in BLINDED for one in self.cast.people)

    def correction(self) -> Hand | None:
        """Give a correction of something that somebody blinded did."""
        if not self.done:
            return None
        who, step, event = self.chance.choice(self.done)
        name = self.chance.choice(sorted(correctable(step)) or ["reason"])
        value = self.chance.choice(["5", "70.5", "words", "yes", "none", "2026-03-02T08:00+00:00"])
        sent = {"record": event, "field": name, "value": value, "reason": "slip"}
        return Hand(who.login, "correct", "", "", sent, f"?event={event}")

    def code_break(self, things: list[Thing]) -> Hand | None:
        """Give a code break, by any investigator."""
        people = [one.code for one in things if one.KIND == "participant" and one.treatment_bags]
        if not people:
            return None
        doctor = self.chance.choice(self.cast.all(Role.INVESTIGATOR))
        return Hand(doctor.login, "break_code", self.chance.choice(people), "", {"why": "reaction", "reason": "rash"})

    def deviation(self, known: list[str]) -> Hand:
        person = self.chance.choice([one for one in self.cast.people if one.role in BLINDED])
        return Hand(person.login, "raise_deviation", "", "", {"about": self.chance.choice(known), "what": "late"})


BLINDED = frozenset(role for role in EVERYBODY if not sees_arm(role))
ODD = ("cryobag", "cryobags", "vials", "lot", "test", "result", "location", "arms", "site", "value", "field")
