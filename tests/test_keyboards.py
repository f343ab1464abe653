"""A scanner that types for another keyboard than the computer's is recognised, shown, and never taken."""

from __future__ import annotations

from random import Random

import pytest

from custody import codes, keyboards
from custody.codes import CodeError, Kind, Reason

BAG = "TNRUJUDFSCVJ"
SCANNED = {
    "our link": (f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}", BAG),
    "a link with all letters": (f"HTTPS://QUAZY-WARM.EXAMPLE/S/{BAG}", BAG),
    "a donation number": ("=A99992112345600", "A999921123456"),
    "a typed donation number": ("A999921123456", "A999921123456"),
    "a vial": ("01032050000040041728013110aBc-12", "03205000004004/aBc-12/"),
    "a vial with brackets": ("(01)03205000004004(10)Zy9", "03205000004004/Zy9/"),
}
TYPED = {  # key by key, from pictures of the three keyboards and not from the tables of the product
    "AZERTY": {
        **dict(zip("1234567890", "&é\"'(-è_çà", strict=True)),
        **dict(zip("aqzwmAQZWM", "qawz,QAWZ?", strict=True)),
        ":": "M",
        "/": "!",
        ".": ":",
        "-": ")",
        "=": "=",
        "(": "9",
        ")": "0",
    },
    "QWERTZ": {**dict(zip("yzYZ", "zyZY", strict=True)), ":": "Ö", "/": "-", "-": "ß", "=": "´", "(": ")", ")": "="},
    "AZERTY, caps lock": {
        **{letter: letter.swapcase() for letter in "bcdefghijklnoprstuvxyBCDEFGHIJKLNOPRSTUVXY"},
        **dict(zip("aqzwAQZW", "QAWZqawz", strict=True)),
        "m": "?",
        "M": ",",
        ":": "m",
        "/": "§",
        ".": "/",
        "-": "°",
        "=": "+",
        "(": "ç",
        ")": "à",
    },
    "QWERTZ, caps lock": {
        **{letter: letter.swapcase() for letter in "abcdefghijklmnopqrstuvwxABCDEFGHIJKLMNOPQRSTUVWX"},
        **dict(zip("yzYZ", "ZYzy", strict=True)),
        ":": "ö",
        "/": "-",
        "-": "ß",
        "=": "´",
        "(": ")",
        ")": "=",
    },
}


READ = {
    ("a typed donation number", "QWERTZ"): "A999921123456",
    ("a typed donation number", "QWERTZ, caps lock"): "A999921123456",
    ("a typed donation number", "AZERTY, caps lock"): "Q999921123456",
}
"""What reads as it stands. The last is another number: the text alone cannot tell; a lot that nobody registered is."""


@pytest.mark.parametrize("keyboard", TYPED)
@pytest.mark.parametrize("scanned", SCANNED)
def test_what_another_keyboard_made_of_a_code_is_shown_and_not_taken(keyboard: str, scanned: str) -> None:
    text, code = SCANNED[scanned]
    seen = "".join(TYPED[keyboard].get(one, one) for one in text)
    if (scanned, keyboard) in READ:
        assert codes.read(seen).code == READ[scanned, keyboard]
        return
    with pytest.raises(CodeError) as wrong:
        codes.read(seen)
    assert wrong.value.reason is Reason.WRONG_KEYBOARD
    assert wrong.value.garbled
    if "vial" in scanned and "QWERTZ" in keyboard:
        assert wrong.value.garbled.code in {code, ""}, "its letters may be of either case"
        return
    assert wrong.value.garbled.code == code
    assert wrong.value.garbled.keyboard == keyboard


@pytest.mark.parametrize("keyboard", TYPED)
def test_our_own_code_is_read_on_each_of_them(keyboard: str) -> None:
    seen = "".join(TYPED[keyboard].get(one, one) for one in BAG)
    assert codes.read(seen).code == BAG


def test_each_keyboard_undoes_what_it_does_key_by_key() -> None:
    for keyboard, undone in keyboards._UNDONE.items():
        meant = [undone[key] for key in undone]
        assert len(meant) == len(set(meant)) == 94, keyboard


def test_a_mistyped_code_is_no_other_keyboard_s_but_by_rare_chance() -> None:
    """Seventeen check symbols, and few letters that two keyboards swap: it may happen, and is shown, not taken."""
    chance, garbled = Random(7), 0
    for _ in range(5000):
        code = codes.mint(Kind.TREATMENT_BAG, chance.randbytes)
        place = chance.randrange(12)
        typed = code[:place] + chance.choice("AILMOQWYZ0123456789") + code[place + 1 :]
        with pytest.raises(CodeError) as wrong:
            codes.read(typed)
        garbled += wrong.value.garbled is not None
    assert garbled < 50
