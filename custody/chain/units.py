"""Quantities as whole numbers of their smallest useful unit: no bare numbers, no floats.

Whole numbers keep the ledger's canonical JSON exact (RFC 8785 writes floats by IEEE 754), and a
type for each unit lets the type checker refuse grams where millilitres are meant.
"""

from __future__ import annotations

from typing import NewType

Grams = NewType("Grams", int)
Microlitres = NewType("Microlitres", int)
Cells = NewType("Cells", int)
CellsPerMl = NewType("CellsPerMl", int)
PerMille = NewType("PerMille", int)
"""Tenths of a percent: viability, identity markers, tolerance."""
DeciCelsius = NewType("DeciCelsius", int)
Minutes = NewType("Minutes", int)
Seconds = NewType("Seconds", int)
