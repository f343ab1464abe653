"""What a scanner typed for one keyboard, and a computer took for another.

A keyboard-wedge scanner sends keys, not letters: those of a US keyboard unless it was set otherwise. A computer set to
AZERTY or QWERTZ, or with caps lock on, makes other characters of them. Our own codes have only letters that lie alike
on all three; links, donation numbers and GS1 strings have others. Here each such garbling is undone, to be shown and
never to be taken: whoever sees it sets scanner and computer alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_PLAIN: Final = "`1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./"
_SHIFTED: Final = '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?'
"""A US keyboard, key by key from the upper left, without and with shift."""
_AZERTY_PLAIN: Final = "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!"
_AZERTY_SHIFTED: Final = "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§"
_QWERTZ_PLAIN: Final = "^1234567890ß´qwertzuiopü+asdfghjklöä#yxcvbnm,.-"
_QWERTZ_SHIFTED: Final = "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'YXCVBNM;:_"
"""The same keys in France and in Germany. Dead keys stand as what they type before a blank."""


def _undo(plain: str, shifted: str, *, locked: bool = False) -> dict[int, str]:
    """Give, for each character that appeared, the one that was meant; `locked`: caps shifts every key (France)."""
    meant = _SHIFTED + _PLAIN if locked else _PLAIN + _SHIFTED
    return {ord(seen): was for seen, was in zip(plain + shifted, meant, strict=True)}


def _other_case(character: int) -> int:
    """Give the letter of the other case: caps lock shifts letters alone, as in Germany; ß has none."""
    other = chr(character).swapcase()
    return ord(other) if len(other) == 1 else character


_AZERTY: Final = _undo(_AZERTY_PLAIN, _AZERTY_SHIFTED)
_QWERTZ: Final = _undo(_QWERTZ_PLAIN, _QWERTZ_SHIFTED)
_UNDONE: Final = {
    "AZERTY": _AZERTY,
    "QWERTZ": _QWERTZ,
    "AZERTY, caps lock": _undo(_AZERTY_PLAIN, _AZERTY_SHIFTED, locked=True),
    "QWERTZ, caps lock": {_other_case(seen): was for seen, was in _QWERTZ.items()},
}


def garbling(text: str, seen: str) -> str:
    """Give the keyboard that made what was seen of a text that was typed for a US one; empty for none known."""
    return next((keyboard for keyboard, was in meant(seen) if was == text), "")


def meant(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a garbled text may have been, each with the computer's keyboard: wherever it differs from the text."""
    for keyboard, undone in _UNDONE.items():
        was = text.translate(undone)
        if was != text:
            yield keyboard, was
