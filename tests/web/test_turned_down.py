"""A handoff that is out of a limit is refused there and then, by who would receive it, with what was entered."""

from __future__ import annotations

import re
from html import unescape

from tests.web.house import PASSWORD, Browser, House, errors
from tests.web.test_downtime import on_the_ward
from tests.web.test_refused import STATED, sent

__all__ = ["sent"]
WARM = {**STATED, "temperature_dc": "9.4"}


def link(page: str) -> str:
    """Give where the answer leads to refuse the handoff; empty where it does not."""
    found = re.search(r'class="action danger" href="(/s/[^"]+/do/refuse_\w+\?[^"]*)"', page)
    return unescape(found[1]) if found else ""


def refused(giver: Browser, path: str, **fields: str) -> object:
    """Have the receiver sign the refusal on the giver's page, where nobody's own signature is asked for."""
    page = giver.get(path)
    assert 'name="password"' not in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    event = re.search(r'name="event" value="([^"]+)"', page.text)
    assert token
    assert event
    given = {
        name: value
        for name, value in (
            ("why", re.search(r'name="why" value="(\w+)" checked', page.text)),
            ("words", re.search(r'name="words" value="([^"]*)"', page.text)),
        )
        if value
    }
    body = {name: value[1] for name, value in given.items()}
    body |= {"csrf_token": token[1], "event": event[1], **fields}
    return giver.client.post(path.partition("?")[0], data=body)


def test_a_handoff_out_of_a_limit_leads_to_its_refusal_with_what_was_entered(
    house: House, sent: tuple[str, str]
) -> None:
    shipper, bag = sent
    courier = house.browser("courier")
    answer = courier.step(shipper, "hand_over", "nurse", **WARM)
    assert "Out of its limit it is not handed over: who would receive it refuses it." in answer.text
    path = link(answer.text)
    page = courier.get(path).text
    assert re.search(r'name="why" value="temperature" checked', page)
    assert 'value="9.4 °C"' in page
    assert house.people["nurse"] in page
    done = refused(courier, path, shipper=shipper, second_badge=house.people["nurse"], second_password=PASSWORD)
    assert done.location == f"/s/{shipper}?did=refuse_handoff"  # type: ignore[attr-defined]
    assert "Handoff refused by Nurse, " in courier.get(f"/s/{bag}").text
    assert "temperature, 9.4 °C" in courier.get(f"/s/{bag}").text


def test_a_broken_seal_leads_there_too_and_what_is_only_missing_does_not(house: House, sent: tuple[str, str]) -> None:
    courier = house.browser("courier")
    broken = {**STATED}
    broken.pop("seal_intact")
    assert link(courier.step(sent[0], "hand_over", "nurse", **broken).text).partition("?")[2].startswith("why=seal")
    answer = courier.step(sent[0], "hand_over", "", **STATED)
    assert errors(answer.text)
    assert link(answer.text) == ""


def test_nobody_refuses_for_another_without_their_password(house: House, sent: tuple[str, str]) -> None:
    courier = house.browser("courier")
    path = link(courier.step(sent[0], "hand_over", "nurse", **WARM).text)
    badge = house.people["nurse"]
    wrong = refused(courier, path, shipper=sent[0], second_badge=badge, second_password="not this")
    assert "This is not the password of Nurse." in " ".join(errors(wrong.text))  # type: ignore[attr-defined]
    assert "You hold" not in " ".join(errors(wrong.text))  # type: ignore[attr-defined]
    for other in ("monitor", "faraway"):
        answer = refused(courier, path, shipper=sent[0], second_badge=house.people[other], second_password=PASSWORD)
        assert answer.status_code == 422, other  # type: ignore[attr-defined]
    assert "Handoff refused by" not in courier.get(f"/s/{sent[0]}").text


def test_a_bag_that_got_warm_on_the_ward_is_refused_the_same_way(house: House) -> None:
    bag, _wristband = on_the_ward(house)
    nurse = house.browser("nurse")
    warm = {"cover_on": "yes", "condition_good": "yes", "temperature_dc": "9.4"}
    path = link(nurse.step(bag, "hand_over_bag", "nurse2", **warm).text)
    refused(nurse, path, treatment_bag=bag, second_badge=house.people["nurse2"], second_password=PASSWORD)
    assert "Handoff refused by Nurse2, " in nurse.get(f"/s/{bag}").text
