"""A result out of specification that another one replaced stays before the eyes of whoever releases the lot."""

from __future__ import annotations

import pytest

from tests.web import journey
from tests.web.house import HIDDEN, PASSWORD, House, errors


@pytest.fixture
def tested(house: House) -> str:
    """A lot whose tests are all good; the viability at the second time."""
    tech = house.browser("tech")
    tech.did(journey.DIN, "register_lot", **journey.lot_facts(house))
    tech.did(journey.DIN, "record_qc?test=viability", result="40")
    for test in house.door.protocol.qc:
        again = {"reason": "typing error"} if test.code == "viability" else {}
        tech.did(journey.DIN, f"record_qc?test={test.code}", result=journey.good(test), **again)
    return journey.DIN


SAID = (
    "Viability after thaw was 40 %, out of specification (Tech, 2026-03-10 09:00 CET). "
    "Why there is another result: typing error"
)


def test_it_is_told_on_the_lots_page_and_on_the_form_of_its_release(house: House, tested: str) -> None:
    for login, path in (("tech", f"/s/{tested}"), ("resp", f"/s/{tested}"), ("resp", f"/s/{tested}/do/release_lot")):
        assert SAID in house.browser(login).get(path).text, path


def test_a_result_that_was_good_or_is_still_the_last_is_no_warning(house: House) -> None:
    tech = house.browser("tech")
    tech.did(journey.DIN, "register_lot", **journey.lot_facts(house))
    tech.did(journey.DIN, "record_qc?test=viability", result="91")
    tech.did(journey.DIN, "record_qc?test=viability", result="40", reason="counted again")
    assert "Why there is another result" not in tech.get(f"/s/{journey.DIN}").text


@pytest.mark.parametrize("late", [{}, {"held_up": "yes"}])
def test_a_release_that_was_open_before_is_sent_back_once(house: House, tested: str, late: dict[str, str]) -> None:
    resp, release = house.browser("resp"), f"/s/{tested}/do/release_lot"
    sent = {"lot": tested, **dict(HIDDEN.findall(resp.get(release).text)), "password": PASSWORD}
    sent["warned"] = sent["warned"][::-1]  # of another warning, or of one fewer
    sent |= late
    answer = resp.send(release, sent)
    assert answer.status_code == 422
    assert errors(answer.text)[0].startswith("Not recorded yet: something was recorded since this page was opened.")
    assert SAID in answer.text
    resp.did(tested, "release_lot")
