"""Why a scanned or typed text is no code to use here: one reason, one sentence each on what was expected.

Each parser raises `Misread` for its family; `custody.codes.read` makes the `CodeError` of it that callers see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST_TEXT: Final = 400


class Reason(StrEnum):
    """Why a text is no code of ours to use."""

    EMPTY = "empty"
    UNKNOWN_PREFIX = "unknown_prefix"
    WRONG_CHECK_SYMBOL = "wrong_check_symbol"
    WRONG_LENGTH = "wrong_length"
    TRUNCATED = "truncated"
    FOREIGN_SYMBOL = "foreign_symbol"
    WRONG_KEYBOARD = "wrong_keyboard"
    NOT_A_DIN = "not_a_din"
    WRONG_CHECK_CHARACTER = "wrong_check_character"
    OTHER_STRUCTURE = "other_structure"
    CHAIN_OF_IDENTITY = "chain_of_identity"
    NOT_GS1 = "not_gs1"
    WRONG_ARTICLE = "wrong_article"
    TWO_EXPIRIES = "two_expiries"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    PROVIDER_GSRN = "provider_gsrn"
    RECIPIENT_GSRN = "recipient_gsrn"
    SSCC = "sscc"
    FOREIGN_LINK = "foreign_link"
    TOO_LONG = "too_long"


EXPECTED: Final[Mapping[Reason, str]] = {
    Reason.EMPTY: "Scan or type a code.",
    Reason.UNKNOWN_PREFIX: "The first letter of our codes is one of B C D E F G H J K N P R S T V.",
    Reason.WRONG_CHECK_SYMBOL: "The check symbol does not fit: scan again, or type again what is "
    "printed under the symbol.",
    Reason.WRONG_LENGTH: "Our codes have 12 letters, as TBXK-JHRE-NPUD.",
    Reason.TRUNCATED: "The code is cut off, only a part of it was read: scan the whole symbol again.",
    Reason.FOREIGN_SYMBOL: "Our codes use only the letters BCDEFGHJKNPRSTUVX.",
    Reason.WRONG_KEYBOARD: "The scanner types for another keyboard layout than this computer's: "
    "set both to the same layout, or type the 12 letters.",
    Reason.NOT_A_DIN: "A donation number is '=' and 15 characters, or 13 characters as "
    "A9999 21 123456 with or without its check character.",
    Reason.WRONG_CHECK_CHARACTER: "The check character does not fit the donation number: compare with the label.",
    Reason.OTHER_STRUCTURE: "This is another symbol of an ISBT 128 label: scan its donation number, which begins "
    "with '=' and a letter or digit.",
    Reason.CHAIN_OF_IDENTITY: "This is a Chain of Identity identifier (ISBT 128, 040): scan the donation number, or "
    "our label.",
    Reason.NOT_GS1: "A vial's code is a GS1 element string or Digital Link with at least "
    "(01) article number and (10) batch.",
    Reason.WRONG_ARTICLE: "The check digit of the article number (01) does not fit: scan again, or compare with the "
    "vial.",
    Reason.TWO_EXPIRIES: "The vial's code says two days of expiry, (17) and (7003): do not use the vial.",
    Reason.WRONG_CHECK_DIGIT: "The check digit of the GS1 number does not fit: scan again.",
    Reason.PROVIDER_GSRN: "This is a hospital's staff badge (GS1 8017): scan the trial's badge.",
    Reason.RECIPIENT_GSRN: "This is a hospital's wristband (GS1 8018): scan the trial's wristband.",
    Reason.SSCC: "This is a carrier's shipping label (GS1 00): scan our label on the shipper.",
    Reason.FOREIGN_LINK: "The link is none of ours: our labels' end with /S/ and 12 letters, a vial's holds /01/ and "
    "its article number.",
    Reason.TOO_LONG: f"A code has at most {LONGEST_TEXT} characters.",
}
"""The sentences of former times stay as they are: a record that holds one is told by it (`web.reasons`)."""

RECOGNISED: Final = frozenset(
    {
        Reason.EMPTY,
        Reason.TOO_LONG,
        Reason.OTHER_STRUCTURE,
        Reason.TWO_EXPIRIES,
        Reason.CHAIN_OF_IDENTITY,
        Reason.PROVIDER_GSRN,
        Reason.RECIPIENT_GSRN,
        Reason.SSCC,
    }
)
"""Reasons that say what a text is: no other keyboard is asked what it might have meant."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """What a text would say had another keyboard typed it: to be shown, and never to be taken."""

    keyboard: str
    """What the computer is set to, as `custody.keyboards` calls it."""
    code: str
    """Empty where several would fit."""


class Misread(ValueError):
    """A text that is no code of the family that a parser reads."""

    def __init__(self, reason: Reason, expected: str = "") -> None:
        """Keep the reason; `expected` is an English sentence where the reason's own says too little."""
        self.reason = reason
        self.expected = expected
        super().__init__(expected or EXPECTED[reason])


class CodeError(ValueError):
    """A text that is no usable code: why, what was found, and what was expected."""

    def __init__(self, reason: Reason, text: str, expected: str = "", garbled: Garbled | None = None) -> None:
        """Keep the reason and the raw text; `expected` is an English sentence."""
        self.reason = reason
        self.text = text
        self.garbled = garbled
        self.expected = expected or EXPECTED[reason]
        super().__init__(f"{self.expected} Found: {text[:60]!r}.")
