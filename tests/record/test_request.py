"""What is never asked of the door, because it could not be answered the same for ever."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from custody.chain.deviation import RaiseDeviation
from custody.chain.refusals import Reason, refuse
from custody.record.entries import digest, stamp
from custody.record.request import Request

EVENT = "3f2b8c1a-0d4e-4f6a-9b7c-1d2e3f4a5b6c"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
COMMAND = RaiseDeviation(what="late")


def request(**more):
    fields = {
        "event": EVENT,
        "step": "raise_deviation",
        "actor": "P",
        "command": COMMAND,
        "occurred_at": AT,
        "received_at": AT,
    }
    return Request(**fields | more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": ""},
        {"event": EVENT.upper()},
        {"event": EVENT.replace("-", "")},
        {"event": f"{{{EVENT}}}"},
        {"event": f"urn:uuid:{EVENT}"},
        {"event": f"{EVENT}\x00"},
        {"step": "unicorn"},
        {"step": "enrol"},
        {"command": None},
    ],
)
def test_a_request_that_no_caller_may_make_is_an_error(wrong):
    with pytest.raises(ValueError, match="expected"):
        request(**wrong)


def test_an_input_that_cannot_be_read_says_what_is_wrong_with_it():
    fault = refuse(Reason.UNREADABLE, what="?")
    assert request(command=None, given={"what": "\x00"}, faults=(fault,)).asked()["fields"] == {"what": "\x00"}


def test_what_makes_a_request_the_same_is_step_fields_and_people():
    same = digest(request())
    assert digest(request(event=EVENT.replace("3", "4"), occurred_at=AT.replace(hour=9), device="tablet")) == same
    others = [{"actor": "Q"}, {"second": "Q"}, {"command": RaiseDeviation(what="early")}]
    assert len({same, *(digest(request(**other)) for other in others)}) == 4


def test_a_time_is_written_so_that_it_reads_back():
    for year in (1, 999, 1000, 2026, 9999):
        at = datetime(year, 1, 2, tzinfo=UTC)
        assert len(stamp(at)) == 27
        assert datetime.fromisoformat(stamp(at)) == at
