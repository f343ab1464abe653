"""Numbers as people speak of them: in the reader's decimals, and in the unit in which they are said."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import format_decimal

from custody.chain.entry_value import NUMERAL


def as_entered(value: str) -> str:
    """Write a number with the decimals it was entered with, as the reader writes numbers; other words as they are."""
    if not NUMERAL.fullmatch(value):
        return value
    decimals = len(value.replace(",", ".").partition(".")[2])
    return str(format_decimal(Decimal(value.replace(",", ".")), f"0.{'0' * decimals}" if decimals else "0"))


def amount(form: str, value: int) -> str:
    """Write a whole number of the record in the unit in which people speak of it."""
    scale, unit = {
        "ml": (1000, "ml"),
        "kg": (1000, "kg"),
        "percent": (10, "%"),
        "celsius": (10, "°C"),
        "cells": (1_000_000, "× 10⁶"),
        "concentration": (1_000_000, "× 10⁶/ml"),
    }[form]
    return f"{format_decimal(value / scale)} {unit}"
