"""What came in with a form or a message, made ready for the door: the step's own fields, and what stands around them.

- The fields are read by `chain.entry_value`, the one place; here their several inputs become one text each, and a
  local wall-clock time gets the offset of the site's zone.
- The envelope (event id, times, second person, passwords, device) is checked by marshmallow.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, fields, validate

from custody.chain import downtime
from custody.chain.entry_value import BadValue, read_command, read_value
from custody.chain.fields import Field
from custody.chain.refusals import Refusal
from custody.chain.step import Command, fields_of

MOST_SKEW_S: Final = 10**6
SENT_AS: Final[Mapping[str, str]] = {"event": "record"}
"""Fields that are sent under another name, for the envelope has that one: what a correction is of."""


class Form(Protocol):
    """A form as sent: each name may come several times."""

    def getlist(self, key: str) -> list[str]:
        """Give all values of a name, in order."""

    def keys(self) -> Any:
        """Give the names."""


class Envelope(Schema):
    """What stands around a step's fields, whichever way it came."""

    class Meta:
        """The step's own fields are read elsewhere."""

        unknown = EXCLUDE

    event = fields.UUID(required=True)
    occurred_at = fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    skew_s = fields.Integer(load_default=0, validate=validate.Range(-MOST_SKEW_S, MOST_SKEW_S))
    held_up = fields.String(load_default="", validate=validate.OneOf(["", "yes"]))
    """Whether it was confirmed before and could not be sent: then its time is of then."""
    device = fields.String(load_default="", validate=validate.Length(max=40))
    source = fields.String(load_default="", validate=validate.OneOf(["", "typed", "wedge", "camera", "photo"]))
    symbology = fields.String(load_default="", validate=validate.Length(max=20))
    second_badge = fields.String(load_default="")
    password = fields.String(load_default="")
    second_password = fields.String(load_default="")


ENVELOPE: Final = Envelope()


@dataclass(frozen=True, slots=True)
class Intake:
    """A step as it came in: the command, or what is wrong with each of its fields."""

    command: Command | None
    errors: Mapping[str, Refusal]
    given: Mapping[str, str]


def read(command: type[Command], form: Form, zone: str, timed: Container[str] = ()) -> Intake:
    """Read a step's fields from a form whose wall-clock times are those of `zone`, those of the fields `timed` too."""
    zones = {name: zone for name, field in fields_of(command) if field.kind == "datetime" or name in timed}
    given = {name: _given(name, field, form, zones.get(name, "")) for name, field in fields_of(command)}
    built, errors = read_command(command, given)
    return Intake(built, errors, given)


def envelope_of(form: Form) -> dict[str, Any]:
    """Read what stands around a step's fields; raise marshmallow's `ValidationError`, all faults at once."""
    sent = {name: form.getlist(name)[-1] for name in form.keys() if name in ENVELOPE.fields}  # noqa: SIM118
    blank_is_none = {name: value for name, value in sent.items() if value or name == "event"}
    loaded: dict[str, Any] = ENVELOPE.load(blank_is_none)
    return loaded


@dataclass(frozen=True, slots=True)
class Downtime:
    """What stands on a downtime form besides the step's fields: when it was done, and the code of the sheet."""

    done_at: datetime | None
    form: str
    errors: Mapping[str, Refusal]


def downtime_of(form: Form, zone: str) -> Downtime | None:
    """Read the fields of a downtime form, whose time is the wall clock's of `zone`; None when nothing was entered."""
    given = {name: "".join(form.getlist(name)).strip() for name in downtime.FIELDS}
    if not any(given.values()):
        return None
    given["done_at"] = _with_offset(given["done_at"], zone)
    values, errors = {}, {}
    for name, field in downtime.FIELDS.items():
        try:
            values[name] = read_value(field, given[name])
        except BadValue as bad:
            errors[name] = bad.refusal
    return Downtime(values.get("done_at"), values.get("downtime_form", ""), errors)


def _given(name: str, field: Field, form: Form, zone: str) -> str:
    name = SENT_AS.get(name, name)
    if field.kind == "answers":
        prefix = f"{name}."
        asked = [key for key in form.keys() if key.startswith(prefix)]  # noqa: SIM118
        return " ".join(f"{key.removeprefix(prefix)}={form.getlist(key)[-1]}" for key in asked)
    text = "\n".join(form.getlist(name)).strip()
    return _with_offset(text, zone) if zone else text


def _with_offset(text: str, zone: str) -> str:
    """Give a wall-clock time the offset that its zone has then; leave any other text as it is."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text
    return instant.replace(tzinfo=ZoneInfo(zone)).isoformat() if instant.tzinfo is None else text
