"""Any step, sent by anybody, for anything: refused in words, whoever may not do it too, and nothing breaks."""

from __future__ import annotations

from uuid import uuid4

from custody.chain.step import STEPS
from custody.chain.things import Plane
from custody.web.offers import PAGES
from custody.web.step import ELSEWHERE
from tests.web import journey
from tests.web.house import CAST, House

WITH_FORMS = sorted(STEPS.keys() - ELSEWHERE - PAGES.keys())
ONE_OF_EACH = {role: login for login, (role, _site) in CAST.items()}


def test_an_empty_form_of_any_step_is_refused_in_words_whoever_sends_it(house: House) -> None:
    journey.infusing(house)
    journey.ordered(house, journey.enrolled(house))
    house.browser("nurse").did("", "raise_deviation", what="late")
    codes = one_of_each_kind(house)
    odd = []
    for login in ONE_OF_EACH.values():
        browser = house.browser(login)
        for name in WITH_FORMS:
            code = codes.get(STEPS[name].SPEC.thing)
            for path in (f"/do/{name}", f"/s/{code}/do/{name}") if code else (f"/do/{name}",):
                answer = browser.send(path, {"event": str(uuid4())})
                if answer.status_code not in {404, 422}:
                    odd.append((login, path, answer.status_code))
    assert odd == []


def one_of_each_kind(house: House) -> dict[str, str]:
    """Give the code of the last thing of each kind, in either plane."""
    codes: dict[str, str] = {}
    for plane in Plane:
        with house.door.database.reading(plane) as connection:
            codes |= {kept.thing.KIND: kept.thing.code for kept in house.door.stores[plane].everything(connection)}
    return codes
