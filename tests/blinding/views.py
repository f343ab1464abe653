"""Everything that can be asked for: each route of the URL map, with the codes, steps, designs and files there are.

A route that nobody thought of stops the proof: what leads somewhere on it has to be said here.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache
from random import Random
from uuid import UUID

import qrcode
from werkzeug.routing import Rule

from custody.chain.step import STEPS
from custody.web.files import FOLDER, version_of
from custody.web.registers import REGISTERS
from tests.blinding.twins import Twins

NOBODY = ""
FILES = ("style.css", "icon.svg", "app.js", "nothing.js")
VERSIONS = (version_of(FOLDER), "before")
DEAR = ("labels.", "prints.", "downtime.", "scan.photo")
"""Drawing and typesetting take as long as a hundred pages: asked for less often."""
FORMS = {
    "session.sign_in": {"name": "nobody", "password": "wrong"},
    "session.language": {"lang": "en", "next": "/"},
    "session.sign_out": {},
    "idle.used": {},
    "idle.unlock": {"password": "wrong"},
    "unblinding.tell_again": {"password": "wrong"},
    "scanner.check": {"raw": "SCANNER-CHECK", "keys": "", "ended": "Enter"},
    "account.password": {"old": "wrong", "new": "wrong again", "again": "wrong again"},
}
"""What is sent to routes that are no step's."""
BY_STEPS = ("step.do", "step.do_first", "randomisation.load")
"""Sent by the walk itself: see `walk.Walk._do`."""


@dataclass(frozen=True)
class View:
    """One address, and what is sent to it."""

    method: str
    path: str
    endpoint: str
    data: dict[str, object] = field(default_factory=dict)


@dataclass
class Views:
    """Draws addresses: each route as likely, and mostly about what has an arm."""

    twins: Twins
    chance: Random
    codes: list[str]
    near: list[str]
    """Codes of participants, their bags, and what carries them."""
    events: list[str]
    """Ids of records that somebody made."""

    def draw(self) -> View:
        """Give one."""
        rules = self._rules()
        weights = [0.05 if rule.endpoint.startswith(DEAR) else 1 for rule, _ in rules]
        return self.of(*self.chance.choices(rules, weights)[0])

    def each(self, *, dear: bool) -> list[View]:
        """Give one address of each route: of the dear ones, or of the others."""
        return [self.of(*one) for one in self._rules() if one[0].endpoint.startswith(DEAR) is dear]

    def _rules(self) -> list[tuple[Rule, str]]:
        return [
            (rule, method)
            for rule in self.twins.pair[0].app.url_map.iter_rules()
            for method in sorted(rule.methods & {"GET", "POST"})
            if not (method == "POST" and rule.endpoint in BY_STEPS)
        ]

    def page(self, code: str) -> View:
        """Give the page of a thing."""
        return View("GET", f"/s/{code}", "thing.show")

    def history(self, code: str) -> View:
        """Give a thing's history; of a badge it tells some what its person did."""
        return View("GET", f"/s/{code}/history", "history.history")

    def scan(self, code: str) -> View:
        """Give a scan on the front page."""
        return View("POST", "/scan", "scan.scan", {"raw": code, "source": "wedge"})

    def of(self, rule: Rule, method: str) -> View:
        adapter = self.twins.pair[0].app.url_map.bind("localhost")
        path = adapter.build(rule.endpoint, {name: self._argument(rule, name) for name in sorted(rule.arguments)})
        if rule.endpoint == "thing.changed":
            path += f"?seen={self.twins.seen(path)}"
        if rule.endpoint in {"labels.all_labels", "prints.ask"}:
            path += f"?{self._group()}"
        return View(method, path, rule.endpoint, self._sent(rule.endpoint) if method == "POST" else {})

    def code(self) -> str:
        return self.chance.choice(self.near if self.near and self.chance.random() < 0.7 else self.codes)

    def _argument(self, rule: Rule, name: str) -> str:
        drawn = {
            "code": self.code,
            "name": lambda: self.chance.choice(sorted(STEPS)),
            "log": lambda: self.chance.choice(["open", "open", "sealed"]),
            "event": lambda: self.chance.choice(self.events or [str(UUID(int=7, version=4))]),
            "path": self._file,
            "register": lambda: self.chance.choice([*REGISTERS, "nothing"]),
            "version": lambda: self.chance.choice(VERSIONS),
            "filename": lambda: self.chance.choice(FILES),
        }
        if name not in drawn:
            message = f"{rule} takes {name}: say here what leads somewhere"
            raise AssertionError(message)
        return drawn[name]()

    def _group(self) -> str:
        """Give which labels are asked for, those of treatment bags most often."""
        asked = [
            "kind=treatment_bag",
            f"code={self.code()}",
            f"lot={self.code()}",
            "kind=cryobag",
            "kind=shipper&from=8",
            f"code={self.code()}&form=roll&copies=2",
            "blank=wristband&count=2",
            "",
        ]
        return self.chance.choice(["kind=treatment_bag", *asked])

    def _file(self) -> str:
        size = self.twins.size
        kind, width = (
            self.chance.choice(["0", "entries"]),
            self.chance.choice([1, size // 2, size, size + 1, size + 40]),
        )
        return self.chance.choice(["checkpoint", f"tile/{kind}/000.p/{min(width, 255)}", f"tile/{kind}/000"])

    def _sent(self, endpoint: str) -> dict[str, object]:
        if endpoint == "scan.scan":
            number = f"{self.chance.choice(['NAN', 'DIJ', 'STR'])}-00{self.chance.randint(0, 9)}"
            raw = number if self.chance.random() < 0.2 else self.code()
            return {"raw": raw, "source": "wedge", **self._page()}
        if endpoint == "scan.photo":
            return {"photo": _photograph(self.code())}
        if endpoint == "prints.make":
            return self._printed()
        if endpoint in FORMS:
            return dict(FORMS[endpoint])
        message = f"{endpoint} takes a form: say here what is sent"
        raise AssertionError(message)

    def _printed(self) -> dict[str, object]:
        """Give what is sent to print a label, once or again, of what somebody may see or not."""
        code = self.code()
        design = {"T": "treatment_bag", "P": "wristband", "S": "shipper", "B": "badge", "C": "cryobag"}.get(code[0], "")
        again = {"reason": "torn"} if self.chance.random() < 0.5 else {}
        form = self.chance.choice(["sheet", "roll", "zpl_203"])
        event = str(UUID(bytes=self.chance.randbytes(16), version=4))
        return {"labels": code, "design": design, "form": form, "copies": "1", "event": event, **again}

    def _page(self) -> dict[str, str]:
        """Give the step's page on which the scan is made, now and then."""
        step = self.chance.choice(sorted(STEPS))
        fits = ",".join(
            f"{kind}:{name}" for kind, name in (("treatment_bag", "treatment_bag"), ("participant", "wristband"))
        )
        return {"step": step, "thing": self.code(), "fits": fits} if self.chance.random() < 0.4 else {}

    def compare(self, login: str, view: View) -> None:
        """Ask both copies."""
        self.twins.routes.add(f"{view.method} {view.endpoint}")
        more: dict[str, object] = {}
        if view.method == "POST":
            more = {"data": view.data, "headers": {"Accept": self.chance.choice(["application/json", "text/html"])}}
        self.twins.both(login, view.method, view.path, **more)
        if view.endpoint == "session.sign_out":
            self.twins.forget(login)


@cache
def _photograph(code: str) -> bytes:
    """Give a picture of a QR that holds a code."""
    picture = io.BytesIO()
    qrcode.make(code).save(picture)
    return picture.getvalue()
