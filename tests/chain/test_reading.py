"""What goes on record of a scan, and in which log: nothing there tells a blinded person what they could not know."""

import pytest

from custody import codes
from custody.chain import reading
from custody.chain.decide import decide
from custody.chain.reading import REFUSED, Read, ReadSealed, Taken, doubted, kept, of_source, understood
from custody.chain.refusals import Reason
from custody.chain.roles import EVERYBODY, UNBLINDED, Role
from custody.chain.things import Plane

from .journey import DIN, vial
from .people import BY_ROLE, NURSE, TECHNICIAN
from .world import World

BAG = "TBXKJHRENPUD"
BLINDED = EVERYBODY - UNBLINDED


def own(kind):
    return codes.mint(kind, lambda size: bytes(range(size)))


CRYOBAG, SHEET, WRISTBAND = (own(kind) for kind in (codes.Kind.CRYOBAG, codes.Kind.CODE_SHEET, codes.Kind.PARTICIPANT))


def made(role, raw, reason="", **more):
    scanned = understood(raw)
    taken = Taken(scanned.kind, scanned.code, reason) if scanned else Taken(reason=reason)
    return reading.reading(role, raw, taken, **{"source": "wedge", **more})


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role_may_put_on_record_what_they_scan_in_the_log_of_their_plane(role):
    world = World()
    command = made(role, BAG)
    assert isinstance(command, ReadSealed if role in UNBLINDED else Read)
    world.do(command, BY_ROLE[role])
    [entry] = world.entries
    assert entry.plane is (Plane.SEALED if role in UNBLINDED else Plane.OPEN)
    assert entry.change.payload == {
        "raw": BAG,
        "kind": "treatment_bag",
        "code": BAG,
        "reason": "",
        "source": "wedge",
        "symbology": "",
        "page": "",
        "thing": "",
    }
    names = () if role in UNBLINDED else (of_source("wedge"),)
    assert (entry.change.things, entry.change.about) == ((), names)


@pytest.mark.parametrize("raw", [f"={DIN}00", CRYOBAG, own(codes.Kind.LOCATION), vial("1")])
def test_no_open_reading_names_anything_of_the_sealed_plane(raw):
    for role in sorted(BLINDED):
        command = made(role, raw, reading.UNKNOWN, page="bedside_check", thing=raw)
        assert (command.raw, command.kind, command.code, command.thing) == ("", "", "", "")
        assert command.reason == reading.UNKNOWN
    sealed = made(Role.CELL_TECHNICIAN, raw, reading.DOES_NOT_FIT, thing=raw)
    assert sealed.raw == raw.replace("\x1d", "\u241d")
    assert sealed.code == sealed.thing != ""


def test_nobody_can_name_a_sealed_kind_openly():
    found = decide(Read(kind="cryobag", source="wedge"), World().scene(Read.SPEC, NURSE))
    assert [refusal.reason for refusal in found] == [Reason.NOT_A_CHOICE]


@pytest.mark.parametrize("page", ["break_code", "record_opened_sheet"])
def test_what_an_investigator_scans_to_break_a_code_is_sealed_as_the_code_break_is(page):
    assert isinstance(made(Role.INVESTIGATOR, WRISTBAND, page=page), ReadSealed)
    assert isinstance(made(Role.ICU_NURSE, WRISTBAND, page=page), Read), "whose page it cannot be"
    assert isinstance(made(Role.INVESTIGATOR, SHEET), ReadSealed)
    for page_of_an_open_step in ("order", "bedside_check"):
        assert isinstance(made(Role.INVESTIGATOR, WRISTBAND, page=page_of_an_open_step), Read)
    assert isinstance(made(Role.INVESTIGATOR, SHEET, page="order"), Read)


def test_a_refused_reading_stands_in_the_histories_of_both_things_and_an_accepted_one_in_none():
    world = World()
    for reason in ("", reading.DOES_NOT_FIT):
        world.do(made(Role.ICU_NURSE, BAG, reason, page="bedside_check", thing=WRISTBAND, source="typed"), NURSE)
    accepted, refused = (entry.change.about for entry in world.entries)
    assert accepted == (of_source("typed"),)
    assert refused == (BAG, WRISTBAND, of_source("typed"), REFUSED)


def test_without_a_key_nobody_counts_what_the_bench_scans():
    """A name that all sealed readings share would stand in the database as one hash, with a row for each."""
    world = World()
    for reason in ("", reading.DOES_NOT_FIT):
        world.do(made(Role.CELL_TECHNICIAN, CRYOBAG, reason, thing=BAG), TECHNICIAN)
    assert [entry.change.about for entry in world.entries] == [(), (CRYOBAG, BAG)]


@pytest.mark.parametrize("role", [Role.ICU_NURSE, Role.CELL_TECHNICIAN])
@pytest.mark.parametrize(
    ("raw", "reason", "shape"),
    [
        ("Hunter2 é!", "foreign_symbol", "AAAAAA9 A!"),
        ("DUPONT JEAN 12/03/1950", "foreign_symbol", "AAAAAA AAAA 99/99/9999"),
        ("https://elsewhere.example/?token=abc", "foreign_link", "AAAAA://AAAAAAAAA.AAAAAAA/?AAAAA=AAA"),
    ],
)
def test_of_a_text_that_is_no_code_only_the_shape_is_kept(role, raw, reason, shape):
    """A password or a name in a scanner's field would stand there for ever."""
    assert made(role, raw, reason).raw == shape


def test_a_code_with_a_wrong_check_symbol_is_kept_to_be_compared_with_its_label():
    for role in (Role.ICU_NURSE, Role.CELL_TECHNICIAN):
        assert made(role, "TBXKJHRENPUB", "wrong_check_symbol").raw == "TBXKJHRENPUB"
    damaged = f"HTTPS://CUSTODY.EXAMPLE/S/{CRYOBAG[:-1]}{'B' if CRYOBAG[-1] != 'B' else 'C'}"
    assert made(Role.CELL_TECHNICIAN, damaged, "wrong_check_symbol").raw == damaged
    assert CRYOBAG[:-1] not in made(Role.ICU_NURSE, damaged, "wrong_check_symbol").raw


def test_a_text_nearly_a_lots_number_is_kept_sealed_alone():
    assert made(Role.CELL_TECHNICIAN, "=A99992112345", "not_a_din").raw == "=A99992112345"
    assert made(Role.ICU_NURSE, "=A99992112345", "not_a_din").raw == "=A99999999999"


def test_what_cannot_stand_in_a_record_is_shown_or_replaced():
    assert kept("]d201\x1d21S1", "") == "]d201\u241d21S1"
    assert kept("A\nB\u202eC\ud800", "") == "A\ufffdB\ufffdC\ufffd"
    assert len(kept("x" * 9000, "too_long")) == codes.LONGEST_TEXT
    world = World()
    world.do(made(Role.CELL_TECHNICIAN, "\x00\ud800" * 900, "too_long"), TECHNICIAN)


def test_a_scan_that_no_two_keyboards_agree_on_is_doubted():
    typed, keys = "(01)03205000004004(10)ZY1(21)1", "(01)03205000004004(10)YZ1(21)1"
    other = doubted(understood(typed), keys)
    assert other is not None
    assert other.code == "03205000004004/YZ1/1"
    assert doubted(understood(typed), typed) is None
    assert doubted(understood(typed), "") is None, "nobody pressed a key"
    assert doubted(understood(BAG), BAG.lower()) is None
    assert doubted(understood(typed), "nothing of ours") is None


def test_a_donation_number_that_a_french_keyboard_made_of_another_is_doubted():
    """Caps lock on: A becomes Q, and the digits stay digits."""
    other = doubted(understood("Q999921123456"), "A999921123456")
    assert other is not None
    assert other.code == "A999921123456"


def test_keys_say_what_a_garbled_text_was_meant_to_be():
    assert doubted(None, BAG) == understood(BAG)
    assert doubted(None, "nothing") is None
