"""From which state to which: one table per thing. `NEW` is a thing that is not there yet.

A step named here is refused from every state that is not in its row, with the reason `state`.
A row with several ends says that the rule decides between them (a count that fails, a handoff
whose receiver is a courier or a nurse). A step may move more than one thing: it has a row in each
table. A correction (step 23) moves nothing.
"""

from __future__ import annotations

from typing import TypeAlias

NEW = ""

Moves: TypeAlias = dict[str, dict[str, tuple[str, ...]]]
"""step → state before → possible states after."""

LOT: Moves = {
    "register_lot": {NEW: ("registered",)},
    "record_qc": {"registered": ("registered",)},
    "release_lot": {"registered": ("released",)},
    "reject_lot": {"registered": ("rejected",)},
}

CRYOBAG: Moves = {
    "register_lot": {NEW: ("received",)},
    "store": {"received": ("stored",), "stored": ("stored",)},
    "reserve": {"stored": ("reserved",)},
    "put_back": {"reserved": ("stored",)},
    "thaw": {"reserved": ("thawed",)},
    "count": {"thawed": ("counted", "failed"), "counted": ("counted", "failed")},
    "dilute": {"counted": ("used",)},
    "destroy_cryobag": {
        "received": ("destroyed",),
        "stored": ("destroyed",),
        "thawed": ("destroyed",),
        "counted": ("destroyed",),
        "failed": ("destroyed",),
    },
}

LOCATION: Moves = {
    "add_location": {NEW: ("free",)},
    "store": {"free": ("occupied",), "occupied": ("free",)},
    "thaw": {"occupied": ("free",)},
    "destroy_cryobag": {"occupied": ("free",)},
}

PREPARATION: Moves = {
    "order": {NEW: ("ordered",)},
    "reserve": {"ordered": ("reserved",), "reserved": ("reserved",)},
    "put_back": {"reserved": ("ordered", "reserved"), "ordered": ("ordered",)},
    "count": {"reserved": ("reserved", "ordered"), "ordered": ("ordered", "reserved")},
    "destroy_cryobag": {"reserved": ("ordered", "reserved"), "ordered": ("ordered",)},
    "dilute": {"ordered": ("diluted",), "reserved": ("diluted",)},
    "label_and_cover": {"diluted": ("covered",)},
    "release_for_dispatch": {"covered": ("released",)},
    "discard_preparation": {
        "ordered": ("discarded",),
        "diluted": ("discarded", "ordered"),
        "covered": ("discarded", "ordered"),
    },
}

PARTICIPANT: Moves = {
    "enrol": {NEW: ("enrolled",)},
    "order": {"enrolled": ("ordered",)},
    "cancel_order": {"ordered": ("enrolled",)},
    "stop_infusion": {"ordered": ("infused",)},
    "return_bag": {"ordered": ("enrolled",)},
    "destroy_bag": {"ordered": ("enrolled",)},
    "unseal": {"enrolled": ("enrolled",), "infused": ("infused",)},
}

CODE_SHEET: Moves = {
    "order": {NEW: ("assigned",), "assigned": ("assigned",)},
}

TREATMENT_BAG: Moves = {
    "order": {NEW: ("ordered",)},
    "cancel_order": {"ordered": ("cancelled",)},
    "release_for_dispatch": {"ordered": ("released",)},
    "pack": {"released": ("packed",)},
    "unpack": {"packed": ("released",), "in_transit": ("received",)},
    "hand_over": {
        "packed": ("packed", "in_transit", "received"),
        "in_transit": ("in_transit", "received"),
    },
    "hand_over_bag": {
        "released": ("released",),
        "received": ("received",),
        "checked": ("received",),
        "infused": ("infused",),
        "returned": ("returned",),
    },
    "take_over_bag": {
        "released": ("released",),
        "received": ("received",),
        "checked": ("received",),
        "infused": ("infused",),
        "returned": ("returned",),
    },
    "take_over": {"packed": ("packed",), "in_transit": ("in_transit",)},
    "refuse_bag_handoff": {
        "released": ("released",),
        "received": ("received",),
        "checked": ("checked",),
        "infused": ("infused",),
        "returned": ("returned",),
    },
    "refuse_handoff": {"packed": ("packed",), "in_transit": ("in_transit",)},
    "bedside_check": {"received": ("checked",), "checked": ("checked",)},
    "start_infusion": {"checked": ("infusing",)},
    "pause_infusion": {"infusing": ("paused",)},
    "resume_infusion": {"paused": ("infusing",)},
    "stop_infusion": {"infusing": ("infused",), "paused": ("infused",)},
    "observe": {
        "infusing": ("infusing",),
        "paused": ("paused",),
        "infused": ("infused",),
        "returned": ("returned",),
        "destroyed": ("destroyed",),
    },
    "return_bag": {"received": ("returned",), "checked": ("returned",), "infused": ("returned",)},
    "destroy_bag": {
        "released": ("destroyed",),
        "received": ("destroyed",),
        "checked": ("destroyed",),
        "infused": ("destroyed",),
        "returned": ("destroyed",),
    },
    "unseal": {"cancelled": ("cancelled",), "returned": ("returned",), "destroyed": ("destroyed",)},
}

SHIPPER: Moves = {
    "pack": {NEW: ("packed",), "opened": ("packed",)},
    "unpack": {"packed": ("opened",)},
    "hand_over": {"packed": ("packed", "opened"), "opened": ("opened",)},
    "take_over": {"packed": ("packed",), "opened": ("opened",)},
    "refuse_handoff": {"packed": ("packed",), "opened": ("opened",)},
}

HANDOFF: Moves = {
    "hand_over": {NEW: ("signed",)},
    "hand_over_bag": {NEW: ("signed",)},
    "take_over": {NEW: ("taken_over",)},
    "take_over_bag": {NEW: ("taken_over",)},
}

DEVIATION: Moves = {
    "raise_deviation": {NEW: ("open",)},
    "take_over": {NEW: ("open",)},
    "take_over_bag": {NEW: ("open",)},
    "bedside_check": {NEW: ("open",)},
    "start_infusion": {NEW: ("open",)},
    "resume_infusion": {NEW: ("open",)},
    "close_deviation": {"open": ("closed",)},
}

SEALED_DEVIATION: Moves = {
    "raise_bench_deviation": {NEW: ("open",)},
    "register_lot": {NEW: ("open",)},
    "thaw": {NEW: ("open",)},
    "dilute": {NEW: ("open",)},
    "close_bench_deviation": {"open": ("closed",)},
}

PRINTING: Moves = {
    "print_labels": {NEW: ("printed",), "printed": ("printed",)},
}

SEALED_PRINTING: Moves = {
    "print_labels_sealed": {NEW: ("printed",), "printed": ("printed",)},
}

PERSON: Moves = {
    "add_person": {NEW: ("active",)},
    "give_password": {"active": ("active",)},
    "close_person": {"active": ("closed",)},
}

TRIAL: Moves = {
    "start_trial": {NEW: ("running",)},
    "enrol": {"running": ("running",), "reconciled": ("running",)},
    "reconcile": {"running": ("reconciled",), "reconciled": ("reconciled",)},
}

SEALED_TRIAL: Moves = {
    "start_trial": {NEW: ("running",)},
    "reconcile_sealed": {"running": ("reconciled",), "reconciled": ("reconciled",)},
}

UNSEALING: Moves = {
    "unseal": {NEW: ("begun", "complete"), "begun": ("begun", "complete")},
}

STRATUM: Moves = {
    "load_randomisation": {NEW: ("loaded",)},
    "print_code_sheets": {"loaded": ("loaded",)},
    "order": {"loaded": ("loaded",)},
}

ALLOCATION: Moves = {
    "order": {NEW: ("allocated",), "allocated": ("allocated",)},
}

CODE_BREAK: Moves = {
    "break_code": {NEW: ("broken",), "broken": ("broken",), "reported": ("broken",)},
    "record_opened_sheet": {NEW: ("broken",), "broken": ("broken",), "reported": ("broken",)},
    "notify_sponsor": {"broken": ("reported",)},
}

ALBUMIN_VIAL: Moves = {
    "dilute": {NEW: ("used",)},
}

TABLES: dict[str, Moves] = {
    "lot": LOT,
    "cryobag": CRYOBAG,
    "location": LOCATION,
    "preparation": PREPARATION,
    "participant": PARTICIPANT,
    "code_sheet": CODE_SHEET,
    "treatment_bag": TREATMENT_BAG,
    "shipper": SHIPPER,
    "handoff": HANDOFF,
    "deviation": DEVIATION,
    "sealed_deviation": SEALED_DEVIATION,
    "printing": PRINTING,
    "sealed_printing": SEALED_PRINTING,
    "person": PERSON,
    "trial": TRIAL,
    "sealed_trial": SEALED_TRIAL,
    "unsealing": UNSEALING,
    "stratum": STRATUM,
    "allocation": ALLOCATION,
    "code_break": CODE_BREAK,
    "albumin_vial": ALBUMIN_VIAL,
}

FINAL: dict[str, frozenset[str]] = {
    "cryobag": frozenset({"used", "destroyed"}),
    "preparation": frozenset({"released", "discarded"}),
    "participant": frozenset({"enrolled", "infused"}),
    "treatment_bag": frozenset({"cancelled", "returned", "destroyed"}),
    "deviation": frozenset({"closed"}),
    "sealed_deviation": frozenset({"closed"}),
    "code_break": frozenset({"reported"}),
}
"""The states in which a thing may stand when the trial is reconciled (step 18)."""


def states(kind: str) -> tuple[str, ...]:
    """Return every state of a thing's table, sorted."""
    ends = {after for row in TABLES[kind].values() for possible in row.values() for after in possible}
    starts = {before for row in TABLES[kind].values() for before in row}
    return tuple(sorted((ends | starts) - {NEW}))


def unfinished_states(kind: str) -> tuple[str, ...]:
    """Return the states in which a thing keeps the trial from being reconciled."""
    return tuple(state for state in states(kind) if state not in FINAL[kind])
