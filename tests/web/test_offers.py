"""What a thing's page offers: what leads on, apart from it what else may be done, and nothing that could only fail."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from custody import codes
from tests.web import journey
from tests.web.house import HIDDEN, House, confirmation, errors


def offered(house: House, login: str, code: str) -> tuple[list[str], list[str]]:
    """Give the steps under "Next" and those under "Other steps"."""
    page = house.browser(login).get(f"/s/{code}").text
    leading, _, others = page.partition('class="aside"')
    return tuple(re.findall(r'class="action" href="/s/[^"]*/do/(\w+)"', part) for part in (leading, others))  # type: ignore[return-value]


def tone(page: str) -> str:
    """Give in which colour a checked bag's state stands there."""
    [found] = re.findall(r'class="badge (\w+)">(?:(?!</span>).)*checked at the bedside', page, re.DOTALL)
    return str(found)


def linked(house: House, code: str) -> list[str]:
    """Give the addresses under "Next"."""
    leading = house.browser("tech").get(f"/s/{code}").text.partition('class="aside"')[0]
    return re.findall(r'class="action" href="([^"]+)"', leading)


def test_the_bench_is_offered_what_the_order_still_needs(house: House) -> None:
    cryobags = journey.lot(house)
    cells = journey.ordered(house, journey.enrolled(house))
    assert offered(house, "tech", cells) == (["reserve"], [])
    house.browser("tech").did(cells, "reserve", cryobags=cryobags[0])
    assert offered(house, "tech", cells) == (["thaw", "reserve"], [])


def test_the_bench_is_led_from_the_order_to_its_cryobag_and_back(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house, "120"))
    tech, (first, second) = house.browser("tech"), cryobags[:2]
    tech.did(bag, "reserve", cryobags=[first, second])
    assert linked(house, bag) == [f"/s/{first}/do/thaw", f"/s/{second}/do/thaw", f"/s/{bag}/do/reserve"]
    house.clock.advance(minutes=10)
    end = house.clock.now()
    tech.did(first, "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    assert linked(house, bag)[:2] == [f"/s/{first}/do/count", f"/s/{second}/do/thaw"]
    counted = {"viable_cells_per_ml": "10", "volume_ul": "11", "viability_permille": "91"}
    tech.did(first, "count", **counted)
    assert linked(house, first) == [f"/s/{second}/do/thaw", f"/s/{first}/do/count"]
    tech.did(second, "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    tech.did(second, "count", **counted)
    assert linked(house, second)[0] == f"/s/{bag}/do/dilute"
    assert linked(house, bag)[0] == f"/s/{bag}/do/dilute"
    assert offered(house, "nurse", bag) == ([], [])


def deviation(house: House, login: str, code: str) -> list[str]:
    """Give where a thing's page leads to raise a deviation about it."""
    return re.findall(r'href="/do/(raise_\w+)\?about=' + code, house.browser(login).get(f"/s/{code}").text)


def test_where_the_preparation_is_seen_the_deviation_is_one_of_the_bench(house: House) -> None:
    cryobags, wristband = journey.lot(house), journey.enrolled(house)
    assert deviation(house, "tech", wristband) == ["raise_deviation"]
    bag = journey.ordered(house, wristband)
    for code in (bag, wristband):
        for login in ("tech", "resp"):
            assert deviation(house, login, code) == ["raise_bench_deviation"]
        assert deviation(house, "stat", code) == []
        for login in ("nurse", "doctor", "courier", "monitor"):
            assert deviation(house, login, code) == ["raise_deviation"]
    assert deviation(house, "tech", cryobags[0]) == ["raise_bench_deviation"]
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    assert deviation(house, "tech", bag) == ["raise_bench_deviation"]
    assert deviation(house, "stat", bag) == ["raise_deviation"]


def test_a_bag_of_albumin_alone_is_diluted_at_once(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    albumin = journey.ordered(house, journey.enrolled(house, "58"))
    assert offered(house, "tech", albumin) == (["dilute"], [])
    assert '>0 <span class="unit">ml' in house.browser("tech").get(f"/s/{albumin}/do/dilute").text


def test_what_is_prepared_may_be_discarded_before_and_after_its_order_is_cancelled_and_nothing_else_then(
    house: House,
) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    assert offered(house, "tech", bag) == (["reserve"], []), "nothing is there to discard"
    journey.prepared(house, bag, cryobags)
    assert offered(house, "tech", bag) == ([], ["discard_preparation"])
    assert offered(house, "resp", bag) == ([], [])
    page = house.browser("resp").get(f"/s/{bag}")
    assert "nothing is released before the blinding hold is over." in page.text
    [changed] = re.findall(r'hx-get="(/s/[^"]+/changed[^"]+)"', page.text)
    assert "HX-Refresh" not in house.browser("resp").get(changed).headers
    house.clock.advance(minutes=45)
    assert "HX-Refresh" in house.browser("resp").get(changed).headers
    assert offered(house, "resp", bag) == (["release_for_dispatch"], [])
    panel = house.browser("resp").get(f"/s/{bag}/do/release_for_dispatch").text
    assert panel.count('70 <span class="unit">× 10⁶') == 2, "prescribed and prepared"
    house.browser("doctor").did(bag, "cancel_order", reason="died")
    assert offered(house, "tech", bag) == ([], ["discard_preparation"])
    assert offered(house, "resp", bag) == ([], [])


def test_a_dilution_that_ended_too_early_is_discarded_and_prepared_anew(house: House) -> None:
    journey.ordered(house, journey.enrolled(house))
    bag = journey.ordered(house, journey.enrolled(house, "58"))
    tech, resp = house.browser("tech"), house.browser("resp")
    diluted = {"drawn_ul": "0", "albumin_ul": "250"}
    window = "Finish the dilution at 10:16 CET at the earliest."
    pages = ["/", f"/s/{bag}", f"/s/{bag}/do/dilute"]
    assert all(window in tech.get(page).text for page in pages)
    assert not any("earliest" in house.browser("nurse").get(page).text for page in pages[:2])
    house.clock.advance(minutes=10)
    early = {"vials": journey.VIAL.format(number=1), "ended_at": house.clock.now(), **diluted}
    asked = tech.step(bag, "dilute", "tech2", **early)
    assert asked.status_code == 422
    assert "10:16 CET was the earliest" in asked.text.partition("data-told")[2].partition("</ul>")[0]
    assert errors(asked.text) == []
    agreed = dict(HIDDEN.findall(asked.text))["beyond"]
    assert tech.step(bag, "dilute", "tech2", beyond=agreed, **{**early, "albumin_ul": "249"}).status_code == 422
    done = tech.did(bag, "dilute", "tech2", beyond=agreed, **early)
    assert "a deviation is raised:" in tech.get(done.location).text
    assert "“This is how it was, out of its limit: a deviation is raised.”" in tech.get(f"/s/{bag}/history").text
    assert window not in tech.get(f"/s/{bag}").text
    assert offered(house, "tech", bag) == (["discard_preparation"], []), "nobody labels what is never released"
    tech.did(bag, "label_and_cover", "tech2", label_read=bag, cover_on="yes")
    said = errors(resp.step(bag, "release_for_dispatch").text)
    assert [text.partition(" 2026")[0] for text in said] == ["Ready at", "The dilution ended at"]
    assert offered(house, "tech", bag) == (["discard_preparation"], [])
    assert "10:16 CET was the earliest" in tech.get(f"/s/{bag}").text
    ward = house.browser("nurse").get(f"/s/{bag}/history").text
    assert "It can never be released: discard it and prepare anew." in tech.get(f"/s/{bag}").text
    tech.did(bag, "discard_preparation", "tech2", destroyed="yes", reason="ended too early")
    assert offered(house, "tech", bag) == (["dilute"], [])
    house.clock.advance(minutes=70)
    tech.did(bag, "dilute", "tech2", vials=journey.VIAL.format(number=2), ended_at=house.clock.now(), **diluted)
    tech.did(bag, "label_and_cover", "tech2", label_read=bag, cover_on="yes")
    assert offered(house, "tech", bag) == ([], ["discard_preparation"])
    masked = re.compile(r'nonce[^"]*"[^"]*"|content="[^"]*"|csrf_token" value="[^"]*"')
    assert masked.sub("", house.browser("nurse").get(f"/s/{bag}/history").text) == masked.sub("", ward)
    journey.released(house, bag)


def test_who_prepared_or_verified_a_bag_is_told_that_somebody_else_releases_it(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    house.clock.advance(minutes=60)
    journey.ordered(house, journey.enrolled(house, "58"))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=cryobags[0])
    end = house.clock.now()
    tech.did(cryobags[0], "thaw", started_at=end, ended_at=end + timedelta(minutes=1), bath_dc="37")
    house.clock.advance(minutes=20)
    tech.did(cryobags[0], "count", viable_cells_per_ml="10", volume_ul="11", viability_permille="91")
    vial, now = journey.VIAL.format(number=3), house.clock.now()
    tech.did(bag, "dilute", "tech2", vials=vial, drawn_ul="7", albumin_ul="243", ended_at=now)
    tech.did(bag, "label_and_cover", "resp", label_read=bag, cover_on="yes")
    house.clock.advance(minutes=45)
    assert offered(house, "resp", bag) == ([], [])
    said = "You prepared or verified this bag: someone else has to release it."
    assert said in house.browser("resp").get(f"/s/{bag}").text


def test_a_lot_is_released_only_once_its_qc_is_whole_and_within_specification(house: House) -> None:
    tech, resp = house.browser("tech"), house.browser("resp")
    tech.did(journey.DIN, "register_lot", **journey.lot_facts(house))
    assert offered(house, "resp", journey.DIN) == ([], ["reject_lot"])
    assert "QC not recorded: Viability after thaw" in resp.get(f"/s/{journey.DIN}").text
    tech.did(journey.DIN, "record_qc?test=viability", result="10")
    assert "QC out of specification: Viability after thaw." in resp.get(f"/s/{journey.DIN}").text


def test_a_failed_cryobag_is_destroyed_and_its_page_names_its_place(house: House) -> None:
    [first, second] = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    assert re.search(r">Tank 1, place \d \w{4}-", tech.get(f"/s/{second}").text)
    tech.did(bag, "reserve", cryobags=first)
    house.clock.advance(minutes=10)
    end = house.clock.now()
    tech.did(first, "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    counted = {"viable_cells_per_ml": "10", "volume_ul": "11", "viability_permille": "50"}
    tech.did(first, "count", **counted, beyond=confirmation(tech.step(first, "count", **counted)))
    assert offered(house, "tech", first) == (["reserve", "destroy_cryobag"], [])
    tech.did(bag, "reserve", cryobags=second)
    assert linked(house, first) == [f"/s/{second}/do/thaw", f"/s/{first}/do/destroy_cryobag"]


def test_only_who_holds_an_opened_shipper_packs_it_or_hands_it_over(house: House) -> None:
    shipper = journey.on_ward(house).shipper
    tech = house.browser("tech")
    assert "pack" not in offered(house, "tech", shipper)[0]
    for step in ("pack", "hand_over"):
        answer = tech.get(f"/s/{shipper}/do/{step}")
        assert (answer.status_code, answer.location) == (302, f"/s/{shipper}")
    assert "Nurse hands it over to you" in tech.get(f"/s/{shipper}").text


def test_what_does_not_lead_on_is_never_the_big_button(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    assert offered(house, "tech", shipper) == (["hand_over"], ["unpack"])
    assert offered(house, "courier", shipper) == ([], ["refuse_handoff"])


def test_the_ward_that_a_shipper_goes_to_may_refuse_it_and_send_it_back(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    assert offered(house, "nurse", shipper) == ([], ["refuse_handoff"])
    assert offered(house, "faraway", shipper) == ([], [])
    stated = {"seal_intact": "yes", "condition_good": "yes", "temperature_dc": "5"}
    house.browser("tech").did(shipper, "hand_over", "nurse", **stated)
    assert offered(house, "nurse", shipper) == (["hand_over"], [])


def test_while_it_runs_observing_comes_before_stopping_and_the_other_way_round_after(house: House) -> None:
    bag = journey.infusing(house)
    assert offered(house, "nurse", bag) == (["observe", "stop_infusion"], ["pause_infusion"])
    house.clock.advance(minutes=30)
    assert offered(house, "nurse", bag) == (["stop_infusion", "observe"], ["pause_infusion"])


def test_after_a_serious_reaction_the_infusion_is_paused_or_stopped_before_all_else(house: House) -> None:
    bag, nurse = journey.infusing(house), house.browser("nurse")
    nurse.did(bag, "observe", due_min="0", **{**journey.SIGNS, "reaction": "serious"})
    assert offered(house, "nurse", bag) == (["pause_infusion", "stop_infusion", "observe"], [])
    nurse.did(bag, "pause_infusion")
    assert offered(house, "nurse", bag) == (["stop_infusion", "observe"], ["resume_infusion"])


def test_from_the_wristband_the_way_leads_to_the_bag(house: House) -> None:
    wristband = journey.enrolled(house)
    assert "Nothing for you to do with it now." in house.browser("nurse").get(f"/s/{wristband}").text
    bag = journey.ordered(house, wristband)
    page = house.browser("nurse").get(f"/s/{wristband}").text
    assert f'<a class="action" href="/s/{bag}">' in page
    assert "Nothing for you to do with it now." not in page


def test_a_checked_bag_is_started_and_checked_again_only_when_the_check_has_lapsed(house: House) -> None:
    bag, wristband, _shipper = journey.on_ward(house)
    assert offered(house, "nurse", bag)[0] == ["bedside_check"]
    assert offered(house, "nurse2", bag)[0] == ["take_over_bag"], "who does not hold it is refused the check"
    journey.checked(house, bag, wristband)
    assert (offered(house, "nurse", bag)[0], offered(house, "nurse2", bag)[0]) == (["start_infusion"],) * 2
    house.clock.advance(minutes=house.door.protocol.check_valid + 1)
    assert (offered(house, "nurse", bag)[0], offered(house, "nurse2", bag)[0]) == (["bedside_check"], ["take_over_bag"])


def test_the_page_of_an_infused_bag_says_who_returns_or_destroys_it(house: House) -> None:
    bag = journey.infusing(house)
    holder = house.browser("nurse").get(f"/s/{bag}").text
    assert "return or destroy" not in holder
    house.clock.advance(minutes=30)
    house.browser("nurse").did(bag, "stop_infusion", given_ul="250", reason="complete")
    assert "You hold it: return or destroy it." in house.browser("nurse").get(f"/s/{bag}").text
    for login in ("nurse2", "doctor", "tech"):
        assert "Nurse holds it, and returns or destroys it." in house.browser(login).get(f"/s/{bag}").text


def test_a_returned_bag_goes_on_by_its_handoff(house: House) -> None:
    bag = journey.infusing(house)
    house.clock.advance(minutes=30)
    nurse = house.browser("nurse")
    nurse.did(bag, "stop_infusion", given_ul="250", reason="complete")
    leading, others = offered(house, "nurse", bag)
    assert "hand_over_bag" not in leading
    assert "hand_over_bag" in others, "an infused bag is handed over among the ward's nurses"
    nurse.did(bag, "return_bag", "nurse2", left_ul="0", lost_ul="0")
    leading, others = offered(house, "nurse", bag)
    assert "hand_over_bag" in leading
    assert "hand_over_bag" not in others


def test_observations_are_marked_recorded_due_or_later(house: House) -> None:
    bag = journey.infusing(house)
    nurse = house.browser("nurse")
    nurse.did(bag, "observe", due_min="0", reaction="none", **journey.SIGNS)
    house.clock.advance(minutes=15)
    assert marked(house, "nurse", bag)[:3] == [
        ("0 min", "recorded", False),
        ("15 min", "due", True),
        ("30 min", "later", False),
    ]
    assert marked(house, "courier", bag)[1] == ("15 min", "due", False)
    form = nurse.get(f"/s/{bag}/do/observe?due_min=15").text
    assert '<input type="hidden" name="due_min" value="15">' in form
    assert re.findall(r'name="due_min" value="(\d+)"[^>]* checked', nurse.get(f"/s/{bag}/do/observe").text) == ["15"]


def marked(house: House, login: str, bag: str) -> list[tuple[str, str, bool]]:
    """Give each observation's name, its mark in words, and whether it leads to the form."""
    page = house.browser(login).get(f"/s/{bag}").text
    cards = page.partition("<h2>Observations</h2>")[2].partition("</section>")[0].split("</li>")[:-1]
    name, mark = r'card-title">([^<]+)<', r"</svg> (\w+)</span>"
    return [(re.search(name, card)[1], re.search(mark, card)[1], "<a " in card) for card in cards]  # type: ignore[index]


def test_an_open_page_is_told_once_its_thing_has_changed(house: House) -> None:
    wristband = journey.enrolled(house)
    nurse, doctor = house.browser("nurse"), house.browser("doctor")
    [path] = re.findall(r'hx-get="(/s/[^"]+/changed[^"]+)"', nurse.get(f"/s/{wristband}").text)
    assert (nurse.get(path).status_code, nurse.get(path).headers.get("HX-Refresh")) == (204, None)
    bag = journey.ordered(house, wristband)
    assert nurse.get(path).headers["HX-Refresh"] == "true"
    [path] = re.findall(r'hx-get="(/s/[^"]+/changed[^"]+)"', doctor.get(f"/s/{bag}").text)
    [bench] = re.findall(r'hx-get="(/s/[^"]+/changed[^"]+)"', house.browser("tech").get(f"/s/{bag}").text)
    cryobag = journey.lot(house)[0]
    house.browser("tech").did(bag, "reserve", cryobags=cryobag)
    assert "HX-Refresh" not in doctor.get(path).headers, "the bench is nothing that the ward may notice"
    assert house.browser("tech").get(bench).headers["HX-Refresh"] == "true"
    assert doctor.get(f"/s/{cryobag}/changed?seen=1").status_code == 404


def test_a_checked_bag_says_until_when_it_may_be_started_and_then_that_it_is_to_be_checked_again(house: House) -> None:
    bag, wristband, _shipper = journey.on_ward(house)
    nurse, at = house.browser("nurse"), house.clock.now()
    journey.checked(house, bag, wristband)
    paris = at.astimezone(ZoneInfo("Europe/Paris"))
    until = f"{paris + timedelta(minutes=15):%Y-%m-%d %H:%M} CET"
    assert f"Start by {until}." in nurse.get(f"/s/{bag}").text
    assert until in nurse.get(f"/s/{bag}/do/start_infusion").text
    [seen] = re.findall(r'hx-get="(/s/[^"]+/changed[^"]+)"', nurse.get(f"/s/{bag}").text)
    assert "HX-Refresh" not in nurse.get(seen).headers
    assert {tone(nurse.get(page).text) for page in (f"/s/{bag}", "/")} == {"good"}
    house.clock.advance(minutes=16)
    assert f"good until {until}: check again before the start." in nurse.get(f"/s/{bag}").text
    pages = ("/", f"/s/{bag}", f"/s/{bag}/do/bedside_check", f"/s/{bag}/history", f"/s/{wristband}")
    assert "HX-Refresh" in nurse.get(seen).headers, "a page that stands open does not go on calling it checked"
    assert {tone(nurse.get(page).text) for page in pages} == {"calm"}


def test_nobody_is_told_to_come_before_a_bag_is_ready(house: House) -> None:
    """Whole minutes are shown: the next one, where the order was not given on the minute."""
    journey.lot(house)
    wristband = journey.enrolled(house)
    house.clock.advance(seconds=20)
    bag = journey.ordered(house, wristband)
    ready = house.clock.now().astimezone(ZoneInfo("Europe/Paris")) + timedelta(minutes=house.door.protocol.hold)
    wrong, right = f"{ready:%H:%M} CET", f"{ready + timedelta(seconds=40):%H:%M} CET"
    assert wrong != right
    for login, page in (("nurse", f"/s/{bag}"), ("resp", f"/s/{bag}"), ("resp", f"/s/{bag}/do/release_for_dispatch")):
        shown = re.sub(r"<[^>]+>", "", house.browser(login).get(page).text)
        assert right in shown, page
        assert wrong not in shown, page


def test_a_bag_that_expires_in_its_pause_is_stopped_and_goes_on_only_by_its_sheet(house: House) -> None:
    bag, nurse = journey.infusing(house), house.browser("nurse")
    nurse.did(bag, "pause_infusion")
    assert offered(house, "nurse", bag)[0][0] == "resume_infusion"
    house.clock.advance(hours=4)
    page = nurse.get(f"/s/{bag}").text
    folded = page.partition('<details class="more">')[2].partition("</details>")[0]
    assert f"/s/{bag}/do/resume_infusion?on=paper" in folded
    assert page.count("do/resume_infusion") == 1
    assert offered(house, "nurse", bag)[0][0] == "stop_infusion"
    assert "expired" in page
