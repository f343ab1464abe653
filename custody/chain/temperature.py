"""Temperatures are held against limits, bounds included: of the water bath, and of the transport."""

from __future__ import annotations

from collections.abc import Iterator

from custody.chain.refusals import Reason, Refusal, refuse
from custody.chain.units import DeciCelsius


def check_within(found_dc: int, low: DeciCelsius, high: DeciCelsius) -> Iterator[Refusal]:
    """Yield a temperature outside its limits."""
    if not low <= found_dc <= high:
        yield refuse(
            Reason.TEMPERATURE,
            found=f"{found_dc / 10:g}",
            minimum=f"{low / 10:g}",
            maximum=f"{high / 10:g}",
        )
