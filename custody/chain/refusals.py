"""Why a step is refused: one reason a condition, all of them in one answer.

Each reason has one English sentence here, the source string of its translations; the `{names}` in
it are filled from the refusal's facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from custody.chain.roles import in_words

REFUSED = "step_refused"
"""Type of the record of a refused step."""


class Reason(StrEnum):
    """Every condition that a step can fail, with the sentence that says so."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Self:
        """Make a member whose value is the name on record and which carries its sentence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    # who
    ROLE = "role", "Your role ({role}) may not do this. Allowed: {allowed}."
    SITE = "site", "This belongs to {expected}; you work at {found}."
    INACTIVE = "inactive", "The account of {person} is closed."
    SIGNATURE = "signature", "Your signature is missing: re-enter your password."
    SECOND_PERSON = "second_person", "A second person has to sign."
    SAME_PERSON = "same_person", "The second person must be someone else."
    SECOND_ROLE = "second_role", "{person} ({role}) may not sign here. Allowed: {allowed}."
    OWN_ENTRY = "own_entry", "You recorded the QC: someone else has to decide."
    OWN_PREPARATION = "own_preparation", "You prepared or verified this bag: someone else has to release it."
    SECOND_SITE = "second_site", "{person} works at {found}; this belongs to {expected}."
    HOLDS_IT = "holds_it", "You hold {code} already."
    NOT_AWAY = "not_away", "{person} holds it and is here: they hand it over, and both of you sign."
    NOT_CUSTODIAN = "not_custodian", "You do not hold it: {holder} does."
    NOT_AUTHOR = "not_author", "Only {author}, who recorded it, may correct it."
    OWN_ACCOUNT = "own_account", "Someone else has to close your account."
    OTHERS_ACCOUNT = "others_account", "This account is someone else's."
    STILL_HOLDS = "still_holds", "{person} still holds {codes}: hand over first."
    WRONG_PASSWORD = "wrong_password", "This is not the password of {person}."
    LAST_TRY = (
        "last_try",
        "This is not the password of {person}. After one more wrong one this device has to wait {minutes} min.",
    )
    TRIES = "tries", "Too many wrong passwords of {person} on this device: wait {minutes} min."
    # how it was entered
    MISSING = "missing", "{label}: nothing was entered."
    NOT_A_NUMBER = "not_a_number", "{label}: a number was expected, {text} found."
    TOO_EXACT = "too_exact", "{label}: {text} is more exact than can be kept: whole steps of {least} {unit}."
    OUT_OF_BOUNDS = "out_of_bounds", "{label}: {text} is outside {minimum} to {maximum} {unit}."
    NOT_A_CHOICE = "not_a_choice", "{label}: {text} is none of {choices}."
    NOT_A_DATE = "not_a_date", "{label}: a day such as 2026-03-29 was expected, {text} found."
    NOT_A_TIME = "not_a_time", "{label}: a time such as 2026-03-29T14:30+02:00 was expected, {text} found."
    TOO_LONG = "too_long", "{label}: at most {maximum} characters, {found} found."
    TOO_MANY = "too_many", "{label}: at most {maximum}, {found} found."
    NOT_PRINTABLE = "not_printable", "{label}: a character that cannot be printed was found."
    NOT_SPELLED = "not_spelled", "{found} is not as the record spells it: {expected}."
    NOT_A_FIELD = "not_a_field", "{field} is not a field of this step."
    # what
    UNKNOWN = "unknown", "{code} is not known here."
    WRONG_KIND = "wrong_kind", "{code} is a {found}; a {expected} was expected."
    EXISTS = "exists", "{code} is already recorded."
    STATE = "state", "{code} is {found}; this step needs: {expected}."
    WRONG_PARTICIPANT = (
        "wrong_participant",
        "The wristband is of {found}, the bag is for {expected}.",
    )
    WRONG_LABEL = "wrong_label", "The label read is {found}; it has to be {expected}."
    SCANNED_TWICE = "scanned_twice", "{code} was scanned twice."
    OTHER_SERVICE = "other_service", "The label of {code} is of another service, {host}: look for ours."
    # when
    EXPIRED = "expired", "{code} expired on {expiry}."
    BAG_EXPIRED = (
        "bag_expired",
        "{code} expired on {expiry} and is not given any more: stop what runs of it, then return or destroy it.",
    )
    TOO_EARLY = "too_early", "Not before {earliest}."
    """Of former records alone: `HOLD`, `DILUTED_EARLY` and `OBSERVED_EARLY` each say what is too early."""
    IN_FUTURE = "in_future", "{what} lies in the future."
    CLOCK_AHEAD = (
        "clock_ahead",
        "By this device it is {at}, by the server {now}: set the clock of the device, load the page again and confirm.",
    )
    CLOCK_BEHIND = (
        "clock_behind",
        (
            "This device says that it was done at {at}, the server that it is {now}, and nothing held it up: "
            "set the clock of the device, load the page again and confirm."
        ),
    )
    ORDER_OF_TIMES = "order_of_times", "{later} has to be after {earlier}."
    TIME_BEFORE = "time_before", "{later} may not be before {earlier} ({at})."
    BEFORE_THE_LAST = "before_the_last", "{code} was last changed at {at}: what is entered may not be before that."
    NOT_ON_PAPER = "not_on_paper", "This step is done here, at its own time: it has no downtime form."
    CHECK_TOO_OLD = "check_too_old", "The bedside check is older than {limit} min: check again."
    CHECK_LONG_BEFORE = "check_long_before", "The bedside check was more than {limit} min before."
    # lot
    CRYOBAG_COUNT = "cryobag_count", "A lot has at least 1 and at most {maximum} cryobags."
    IMPOSSIBLE_RESULT = "impossible_result", "{label}: {text} {unit} cannot be. Check the number and its comma."
    UNKNOWN_TEST = "unknown_test", "{test} is not in the specification."
    RETEST = "retest", "{test} has a result already: give the reason for another."
    QC_MISSING = "qc_missing", "QC not recorded: {tests}."
    QC_OUT = "qc_out", "QC out of specification: {tests}."
    # storage
    LOCATION_TAKEN = "location_taken", "{code} is occupied."
    TEMPERATURE_CLASS = "temperature_class", "{code} is for {found}; cells need {expected}."
    # enrolment
    INCLUSION = "inclusion", "Inclusion criterion not met: {criterion}."
    EXCLUSION = "exclusion", "Exclusion criterion met: {criterion}."
    UNKNOWN_CRITERION = "unknown_criterion", "Not answered: {criterion}."
    ONSET = "onset", "Catecholamine started {elapsed} ago; it has to be less than {limit}."
    WINDOW = "window", "Onset {found}: outside {window}."
    WEIGHT = "weight", "Weight {found} kg is outside {minimum} to {maximum} kg."
    # ordering
    NO_PLACE = "no_place", "This site has no place left on the randomisation list."
    SITE_UNKNOWN = "site_unknown", "{site} is not a site of this trial."
    NO_ENROLMENT = "no_enrolment", "No participant is enrolled at {site}."
    WORKPLACE = "workplace", "This role does not work at the site {site}: {role}."
    # bench
    WEIGHT_CHANGED = "weight_changed", "The weight was corrected after the order: it has to be ordered again."
    LOT_NOT_RELEASED = "lot_not_released", "Lot {lot} is {found}, not released."
    FIRST_EXPIRING = "first_expiring", "Take {code} first: it expires earlier."
    NOT_ENOUGH_CELLS = "not_enough_cells", "{found} viable cells expected; {expected} are needed."
    NO_CRYOBAG = "no_cryobag", "Scan at least one cryobag."
    NOT_RESERVED = "not_reserved", "{code} is not reserved for this order."
    NO_CELLS = "no_cells", "This preparation takes albumin alone."
    CELLS_NEEDED = "cells_needed", "Reserve, thaw and count the cells first."
    MORE_CELLS = "more_cells", "{code} has {found} viable cells; {expected} are needed: reserve another cryobag."
    NOT_COUNTED = "not_counted", "Not yet counted: {codes}."
    VIABILITY_WARNING = "viability_warning", "Viability {found} % is below {limit} %: sign."
    COUNT = "count", "The count is impossible: {found} viable cells of {maximum} frozen."
    DRAWN = "drawn", "{found} ml drawn; only {available} ml were counted."
    VOLUME = "volume", "Volume {found} ml; {expected} ml is asked for."
    DOSE = "dose", "Dose {found} cells; {expected} ± {tolerance} % is asked for."
    VIAL_USED = "vial_used", "Vial {code} was already used."
    VIAL_EXPIRED = "vial_expired", "Vial {code} expired on {expiry}."
    OTHER_TRIAL = "other_trial", "{code} is for another trial, {trial}; this one is {ours}."
    NO_EXPIRY = "no_expiry", "{code} carries no expiry date: take a vial that does."
    NO_VIAL = "no_vial", "Scan at least one albumin vial."
    COVER = "cover", "The opaque cover is not on."
    AT_BENCH = (
        "at_bench",
        "{code} has not left the bench, and the ward would read this: a deviation of the bench may say it.",
    )
    # dispatch and handoff
    HOLD = "hold", "Ready at {ready}: nothing is released before the blinding hold is over."
    DILUTED_EARLY = (
        "diluted_early",
        (
            "The dilution ended at {ended}, too early for the printed expiry; {earliest} was the earliest. "
            "Waiting does not help: discard the preparation and prepare anew."
        ),
    )
    NO_BAG = "no_bag", "Scan at least one treatment bag."
    LOGGER = "logger", "The temperature logger is not running."
    DESTINATION = "destination", "The bags of one shipper go to one site."
    REFUSED_BEFORE = "refused_before", "{person} did not take it over: say in words what changed since."
    SEAL = "seal", "The seal is not intact."
    CONDITION = "condition", "The condition is not acceptable."
    TEMPERATURE = "temperature", "{found} °C is outside {minimum} to {maximum} °C."
    # bedside
    CENTRAL_LINE = "central_line", "A central venous line is needed."
    NOT_STARTED = "not_started", "The infusion of {code} has not started."
    NOT_DUE = "not_due", "Vital signs are due at {due}, not at {found}."
    OBSERVED_EARLY = (
        "observed_early",
        "The observation at {due} is not made before {earliest}: until then, record it as not scheduled.",
    )
    OBSERVED_ALREADY = (
        "observed_already",
        (
            "The observation at {due} is recorded already, of {at}: "
            "correct that one, or record this one as not scheduled."
        ),
    )
    GIVEN = "given", "{found} ml is more than the {maximum} ml of the bag."
    VOLUME_UNEXPLAINED = "volume_unexplained", "{found} ml given; {expected} ml are expected: say why, in words."
    DURATION_UNEXPLAINED = (
        "duration_unexplained",
        "The infusion ran {found} min; {minimum} to {maximum} min are expected: say why, in words.",
    )
    ACCOUNT = "account", "{found} ml accounted for; the bag held {expected} ml."
    # labels
    PRINTED_BEFORE = "printed_before", "{codes}: printed before. Say why it is printed again."
    NOT_BLANK = "not_blank", "Your role prints no blank labels of this kind."
    # unblinding
    NO_ARM = "no_arm", "Nothing was ever ordered for {code}: there is no code to break."
    # administration
    LOGIN_TAKEN = "login_taken", "{login} is the sign-in of someone else."
    UNKNOWN_ARM = "unknown_arm", "{arm} is not an arm of this trial."
    BLOCK_SIZE = "block_size", "{size} is no block size: a multiple of {least} up to {maximum} was expected."
    UNBALANCED = "unbalanced", "From place {place} on, no block of {sizes} holds the arms in the ratio of the protocol."
    CUT_LIST = "cut_list", "The list ends inside a block: its last {found} places are no whole block of {sizes}."
    LONG_LIST = "long_list", "A list of these arms has at most {maximum} places; {found} found."
    SHORT_LIST = (
        "short_list",
        (
            "This list is short: {found} places. The site’s share of the trial’s participants is {expected}: "
            "say so if it is meant to be short."
        ),
    )
    TOO_FEW_PLACES = "too_few_places", "All lists together have {found} places; the trial has {expected} participants."
    # end
    NOT_RECONCILED = "not_reconciled", "Not reconciled by the {role}: that comes first."
    NO_LIST = "no_list", "No randomisation list is loaded."
    UNSEALED = (
        "unsealed",
        ("The randomisation codes are open, so the data are locked: only deviations and corrections go on record."),
    )
    STILL_SEALED = "still_sealed", "The lists are shown when the randomisation codes are open, all of them."
    NOT_CANCELLED = (
        "not_cancelled",
        "The order of {code} is not cancelled, and nothing is prepared for it yet: there is nothing to discard.",
    )
    BAG_KEPT = (
        "bag_kept",
        "Destroy the bag and every label printed for it, and say so: no other bag may bear its code at the same time.",
    )
    UNFINISHED = "unfinished", "Not in a final state: {codes}."
    ALREADY_CORRECTED = "already_corrected", "{record} was already corrected: correct that correction."
    NOTHING_CORRECTED = "nothing_corrected", "Nothing differs from the record."
    NOT_CORRECTABLE = "not_correctable", "{field} cannot be corrected: do the step again, or raise a deviation."
    REFUSED_STEP = "refused_step", "A refused step changed nothing: there is nothing to correct."
    UNREADABLE = "unreadable", "{what}"


OF_ROLES: Final = frozenset({"role", "allowed"})
"""Facts that are roles, by their codes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One failed condition: its reason and the facts that fill the sentence."""

    reason: Reason
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English sentence."""
        said = {name: in_words(value) if name in OF_ROLES else value for name, value in self.facts.items()}
        return self.reason.sentence.format_map(said)


def refuse(reason: Reason, **facts: object) -> Refusal:
    """Build a refusal; facts become text."""
    return Refusal(reason, {name: str(value) for name, value in facts.items()})
