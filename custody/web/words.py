"""The words of the field, as pages show them: one English name per kind, state and role, translated in one place.

`tests/web/test_words.py` holds them against the tables of `chain`: none is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask_babel import get_locale
from flask_babel import gettext as _

from custody import codes
from custody.chain import reading
from custody.chain.protocol import Protocol, Words
from custody.chain.refusals import Reason
from custody.chain.step import N_

KINDS: Final[Mapping[str, str]] = {
    "lot": N_("lot"),
    "cryobag": N_("cryobag"),
    "location": N_("location"),
    "albumin_vial": N_("albumin vial"),
    "stratum": N_("randomisation list"),
    "allocation": N_("allocation"),
    "code_break": N_("code break"),
    "preparation": N_("preparation"),
    "participant": N_("participant"),
    "code_sheet": N_("emergency sheet"),
    "downtime_form": N_("downtime form"),
    "treatment_bag": N_("treatment bag"),
    "shipper": N_("shipper"),
    "seal": N_("seal"),
    "logger": N_("temperature logger"),
    "device": N_("device"),
    "handoff": N_("handoff"),
    "deviation": N_("deviation"),
    "sealed_deviation": N_("bench deviation"),
    "printing": N_("print of a label"),
    "sealed_printing": N_("sealed print of a label"),
    "person": N_("person"),
    "trial": N_("trial"),
    "unsealing": N_("opening of the codes"),
    "sealed_trial": N_("sealed half of the trial"),
}

STATES: Final[Mapping[str, str]] = {
    "": N_("not yet recorded"),
    "registered": N_("in quarantine"),
    "released": N_("released"),
    "rejected": N_("rejected"),
    "received": N_("received"),
    "stored": N_("stored"),
    "reserved": N_("reserved"),
    "thawed": N_("thawed"),
    "counted": N_("counted"),
    "failed": N_("failed"),
    "used": N_("used"),
    "destroyed": N_("destroyed"),
    "discarded": N_("discarded"),
    "free": N_("free"),
    "occupied": N_("occupied"),
    "ordered": N_("ordered"),
    "diluted": N_("diluted"),
    "covered": N_("labelled and covered"),
    "enrolled": N_("enrolled"),
    "infused": N_("infused"),
    "cancelled": N_("cancelled"),
    "packed": N_("packed"),
    "in_transit": N_("in transit"),
    "checked": N_("checked at the bedside"),
    "infusing": N_("infusing"),
    "paused": N_("paused"),
    "returned": N_("returned"),
    "opened": N_("opened"),
    "open": N_("open"),
    "closed": N_("closed"),
    "printed": N_("printed"),
    "active": N_("active"),
    "running": N_("running"),
    "reconciled": N_("reconciled"),
    "begun": N_("begun"),
    "complete": N_("complete"),
    "loaded": N_("loaded"),
    "allocated": N_("allocated"),
    "signed": N_("signed"),
    "taken_over": N_("taken over"),
    "assigned": N_("assigned"),
    "broken": N_("code broken"),
    "reported": N_("sponsor told"),
}

ROLES: Final[Mapping[str, str]] = {
    "cell_technician": N_("cell technician"),
    "responsible_person": N_("responsible person"),
    "courier": N_("courier"),
    "icu_nurse": N_("ICU nurse"),
    "investigator": N_("investigator"),
    "monitor": N_("trial monitor"),
    "statistician": N_("statistician"),
    "inspector": N_("inspector"),
    "unblinded_inspector": N_("unblinded inspector"),
    "administrator": N_("administrator"),
    "system": N_("system"),
}

UNREADABLE: Final[Mapping[codes.Reason, str]] = {
    codes.Reason.EMPTY: N_("Nothing was scanned."),
    codes.Reason.UNKNOWN_PREFIX: N_("This code is none of ours."),
    codes.Reason.WRONG_CHECK_SYMBOL: N_("The check symbol does not fit."),
    codes.Reason.WRONG_LENGTH: N_("The code has the wrong length."),
    codes.Reason.TRUNCATED: N_("The code is cut off: only a part of it was read."),
    codes.Reason.FOREIGN_SYMBOL: N_("This code is none of ours."),
    codes.Reason.WRONG_KEYBOARD: N_("The scanner types for another keyboard layout."),
    codes.Reason.NOT_A_DIN: N_("This is no donation number."),
    codes.Reason.WRONG_CHECK_CHARACTER: N_("The check character of the donation number does not fit."),
    codes.Reason.OTHER_STRUCTURE: N_("This symbol of the ISBT 128 label is not its donation number."),
    codes.Reason.CHAIN_OF_IDENTITY: N_("This is a Chain of Identity identifier, no donation number."),
    codes.Reason.NOT_GS1: N_("This is no vial's code."),
    codes.Reason.WRONG_ARTICLE: N_("The check digit of the article number does not fit."),
    codes.Reason.TWO_EXPIRIES: N_("The vial's code says two different days of expiry."),
    codes.Reason.WRONG_CHECK_DIGIT: N_("The check digit of the GS1 number does not fit."),
    codes.Reason.PROVIDER_GSRN: N_("This is a hospital's staff badge, not the trial's."),
    codes.Reason.RECIPIENT_GSRN: N_("This is a hospital's wristband, not the trial's."),
    codes.Reason.SSCC: N_("This is a carrier's shipping label, not ours."),
    codes.Reason.FOREIGN_LINK: N_("This link is none of ours."),
    codes.Reason.TOO_LONG: N_("This is too long for a code."),
}
READ_IN_PART: Final = N_(
    "Perhaps only a part was read: scan again, or type the letters under the symbol. "
    "If the label is somebody else's, look for ours."
)
ADVICE: Final[Mapping[codes.Reason, str]] = {
    codes.Reason.EMPTY: N_("Hold the symbol before the scanner, or type the letters under it."),
    codes.Reason.UNKNOWN_PREFIX: READ_IN_PART,
    codes.Reason.WRONG_CHECK_SYMBOL: N_("Wipe the label and scan again, or type the letters under the symbol."),
    codes.Reason.WRONG_LENGTH: N_("Our codes have 12 letters. Scan one symbol at a time, or type the 12 letters."),
    codes.Reason.TRUNCATED: N_("Scan the whole symbol again, or type all that is printed under it."),
    codes.Reason.FOREIGN_SYMBOL: READ_IN_PART,
    codes.Reason.WRONG_KEYBOARD: N_(
        "Set scanner and computer to the same keyboard, or type what is printed under the symbol."
    ),
    codes.Reason.NOT_A_DIN: N_("Scan the donation number again, with its '='; on a vial the square symbol."),
    codes.Reason.WRONG_CHECK_CHARACTER: N_("Compare the donation number with the label."),
    codes.Reason.OTHER_STRUCTURE: N_("Scan the donation number of the same label: it begins with '='."),
    codes.Reason.CHAIN_OF_IDENTITY: N_("Scan the donation number, or our own label."),
    codes.Reason.NOT_GS1: N_("Scan the square symbol on the vial."),
    codes.Reason.WRONG_ARTICLE: N_("Scan the vial again, or compare the article number (01) with it."),
    codes.Reason.TWO_EXPIRIES: N_("Do not use this vial: take another one."),
    codes.Reason.WRONG_CHECK_DIGIT: N_("Scan again. If it is no vial, look for our label."),
    codes.Reason.PROVIDER_GSRN: N_("Scan the badge that the trial gave out."),
    codes.Reason.RECIPIENT_GSRN: N_("Scan the trial's wristband."),
    codes.Reason.SSCC: N_("Scan our label on the shipper."),
    codes.Reason.FOREIGN_LINK: N_("It leads to another site. Look for our label on the other side."),
    codes.Reason.TOO_LONG: N_("Scan one symbol at a time."),
}


REFUSED: Final[Mapping[str, str]] = {
    **{str(reason): text for reason, text in UNREADABLE.items()},
    reading.WRONG_KIND: N_("Another kind of thing was expected."),
    reading.UNKNOWN: N_("It is not known here."),
    reading.DOES_NOT_FIT: N_("It does not fit this step."),
    reading.DOUBTED: N_("The scanner's keys say another code."),
    reading.FORM: N_("This is a downtime form."),
    reading.SOMEONE_ELSES: N_("It is another service's label."),
    str(Reason.VIAL_EXPIRED): N_("The vial is expired."),
    str(Reason.OTHER_TRIAL): N_("It is for another trial."),
}
"""Why a reading was refused."""
SOURCES: Final[Mapping[str, str]] = {
    "camera": N_("camera"),
    "wedge": N_("scanner"),
    "typed": N_("typed by hand"),
    "photo": N_("photo"),
}
KEYBOARDS: Final[Mapping[str, str]] = {
    "AZERTY, caps lock": N_("AZERTY, caps lock"),
    "QWERTZ, caps lock": N_("QWERTZ, caps lock"),
}
"""What a computer's keyboard is set to, where that is said otherwise in another language."""
OF_READING: Final[Mapping[str, Mapping[str, str]]] = {"kind": KINDS, "reason": REFUSED, "source": SOURCES}


def of_reading(field: str, value: str) -> str:
    """Say a value of a reading."""
    return _(OF_READING.get(field, {}).get(value, value))


def kind(name: str) -> str:
    """Name a kind of thing."""
    return _(KINDS.get(name, name))


def state(name: str) -> str:
    """Name a state."""
    return _(STATES.get(name, name))


def role(name: str) -> str:
    """Name a role."""
    return _(ROLES.get(name, name))


def unreadable(reason: codes.Reason) -> tuple[str, str]:
    """Say why a text is no code of ours, and what to do."""
    return _(UNREADABLE[reason]), _(ADVICE[reason])


def keyboard(name: str) -> str:
    """Name what a computer's keyboard is set to."""
    return _(KEYBOARDS.get(name, name))


def garbled(found: codes.Garbled | None) -> str:
    """Say what a text would be on another keyboard: for eyes alone."""
    if found is None:
        return ""
    if not found.code:
        return _("This computer is set to %(keyboard)s.", keyboard=keyboard(found.keyboard))
    said = {"keyboard": keyboard(found.keyboard), "code": codes.group(found.code)}
    return _("This computer is set to %(keyboard)s; it seems to say %(code)s.", **said)


def of(words: Words) -> str:
    """Give a text of the protocol in the request's language."""
    locale = get_locale()
    return words.fr if locale and locale.language == "fr" else words.en


def unit(text: str) -> str:
    """Write a unit as the reader does."""
    return {"EU/ml": _("EU/ml")}.get(text, text).replace("10^6", "10⁶")


def site(protocol: Protocol, code: str) -> str:
    """Name a site."""
    found = protocol.site(code)
    return found.name if found else code
